package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// connection is how to reach a service.
type connection struct {
	Service      string `group:"Connection" env:"STREAMLEASE_SERVICE" placeholder:"NAME" help:"The name of the service."`
	URL          string `group:"Connection" default:"redis://127.0.0.1:6379/0" env:"STREAMLEASE_URL" help:"The server: redis://, rediss:// or unix://."`
	PasswordFile string `group:"Connection" env:"STREAMLEASE_PASSWORD_FILE" placeholder:"FILE" help:"Where the password is, if not in $$STREAMLEASE_PASSWORD or $$STREAMLEASE_URL; - is the standard input."`

	TLSCA         string `group:"Connection" name:"tls-ca" env:"STREAMLEASE_TLS_CA" placeholder:"FILE" help:"PEM certificates of those to trust, instead of the system's."`
	TLSCert       string `group:"Connection" name:"tls-cert" env:"STREAMLEASE_TLS_CERT" placeholder:"FILE" help:"PEM certificate to show to the server."`
	TLSKey        string `group:"Connection" name:"tls-key" env:"STREAMLEASE_TLS_KEY" placeholder:"FILE" help:"Its PEM key."`
	TLSServerName string `group:"Connection" name:"tls-server-name" env:"STREAMLEASE_TLS_SERVER_NAME" placeholder:"NAME" help:"The name in the server's certificate, if it is not that of the URL."`

	Sentinel []string `group:"Connection" env:"STREAMLEASE_SENTINEL" placeholder:"HOST:PORT" help:"A Sentinel that knows the master; repeat it. User, database and TLS are those of --url."`
	Master   string   `group:"Connection" env:"STREAMLEASE_MASTER" default:"mymaster" help:"What the Sentinels call the master."`
	Cluster  bool     `group:"Connection" env:"STREAMLEASE_CLUSTER" help:"The server is one of a Redis Cluster."`

	Lease    string   `group:"Connection" enum:"goredis,redsync,redislock" default:"goredis" env:"STREAMLEASE_LEASE" help:"The adapter whose leases the members use: goredis, redsync or redislock."`
	LeaseURL []string `group:"Connection" env:"STREAMLEASE_LEASE_URL" placeholder:"URL" help:"Where the locks are, if not on the server of --url; repeat it for a quorum."`

	JSON bool `group:"Output" help:"Write JSON: one object a line, or one in all."`
}

// passwordVariable is where a password may stand that is in no argument.
const passwordVariable = "STREAMLEASE_PASSWORD"

// check refuses what cannot work, and passwords that everybody on the machine
// can read.
func (o *connection) check(arguments []string) error {
	for _, text := range append([]string{o.URL}, o.LeaseURL...) {
		address, err := url.Parse(text)
		if err != nil {
			return misuse("a URL cannot be read; write it as redis://user@host:6379/0") // the error has the password in it
		}
		if _, secret := address.User.Password(); secret && isArgument(arguments, text) {
			return misuse("the password in %s is to be seen by everybody on this machine; put it into --password-file, or the URL into $STREAMLEASE_URL", address.Redacted())
		}
	}
	switch {
	case o.Cluster && len(o.Sentinel) > 0:
		return misuse("--cluster and --sentinel: a server is in one of them")
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return misuse("--tls-cert and --tls-key go together")
	case o.Lease == "goredis" && len(o.LeaseURL) > 0:
		return misuse("--lease-url: the leases of goredis are on the server of --url; for locks elsewhere give --lease redsync or --lease redislock")
	case o.Lease == "redislock" && len(o.LeaseURL) > 1:
		return misuse("--lease-url: redislock keeps its locks on one server")
	case len(o.LeaseURL) == 2:
		return misuse("--lease-url: name one server, or all of a quorum, which are three at least")
	}
	return nil
}

func isArgument(arguments []string, text string) bool {
	return slices.ContainsFunc(arguments, func(argument string) bool { return strings.Contains(argument, text) })
}

// client is one for the server of the source.
func (o *connection) client() (redis.UniversalClient, error) {
	options, err := o.options(o.URL)
	if err != nil {
		return nil, err
	}
	switch {
	case len(o.Sentinel) > 0:
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: o.Master, SentinelAddrs: o.Sentinel, TLSConfig: options.TLSConfig,
			Username: options.Username, Password: options.Password, DB: options.DB,
		}), nil
	case o.Cluster:
		if options.DB != 0 {
			return nil, misuse("--cluster: a cluster has database 0 only, not %d", options.DB)
		}
		return redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: []string{options.Addr}, TLSConfig: options.TLSConfig,
			Username: options.Username, Password: options.Password,
		}), nil
	default:
		return redis.NewClient(options), nil
	}
}

// options reads a URL and what goes with every one.
func (o *connection) options(text string) (*redis.Options, error) {
	options, err := redis.ParseURL(text)
	if err != nil {
		return nil, misuse("%s is no URL of a server: %v; write it as redis://user@host:6379/0, rediss://… or unix:///path?db=0", redacted(text), err)
	}
	if options.Password == "" {
		if options.Password, err = o.password(); err != nil {
			return nil, err
		}
	}
	return options, o.secure(options)
}

func redacted(text string) string {
	address, err := url.Parse(text)
	if err != nil {
		return "the URL"
	}
	return address.Redacted()
}

func (o *connection) password() (string, error) {
	if o.PasswordFile == "" {
		return os.Getenv(passwordVariable), nil
	}
	path := o.PasswordFile
	if path == "-" {
		path = os.Stdin.Name()
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", misuse("--password-file: %v", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// secure puts the certificates in. Who gives one wants TLS.
func (o *connection) secure(options *redis.Options) error {
	if o.TLSCA == "" && o.TLSCert == "" && o.TLSServerName == "" {
		return nil
	}
	if options.TLSConfig == nil {
		return misuse("--tls-…: the URL is not one of TLS; write it as rediss://")
	}
	if o.TLSServerName != "" {
		options.TLSConfig.ServerName = o.TLSServerName
	}
	if o.TLSCA != "" {
		text, err := os.ReadFile(o.TLSCA)
		if err != nil {
			return misuse("--tls-ca: %v", err)
		}
		options.TLSConfig.RootCAs = x509.NewCertPool()
		if !options.TLSConfig.RootCAs.AppendCertsFromPEM(text) {
			return misuse("--tls-ca: %s has no PEM certificate", o.TLSCA)
		}
	}
	if o.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(o.TLSCert, o.TLSKey)
		if err != nil {
			return misuse("--tls-cert: %v", err)
		}
		options.TLSConfig.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// where is the server, for messages; no password is in it.
func (o *connection) where() string {
	if len(o.Sentinel) > 0 {
		return fmt.Sprintf("the master %q of the Sentinels %s", o.Master, strings.Join(o.Sentinel, ", "))
	}
	return redacted(o.URL)
}
