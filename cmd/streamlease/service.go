package main

import (
	"context"
	"errors"
	"io"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/adapters/redsync"
)

// service is what a command talks to. Close it.
type service struct {
	*goredis.Admin
	name    string
	closers []io.Closer
	// examineLeases looks at the servers of the locks; nil: there are none.
	examineLeases func(ctx context.Context, user string) []goredis.AdminFinding
}

// open makes the way to the service; nothing is asked of a server yet.
func (o *connection) open() (*service, error) {
	if o.Service == "" {
		return nil, misuse("name the service: --service NAME, or $STREAMLEASE_SERVICE")
	}
	s := &service{name: o.Service}
	client, err := o.client()
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, client)
	config, err := o.leases(s, client)
	if err == nil {
		s.Admin, err = goredis.NewAdmin(client, o.Service, config)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.closers = append(s.closers, s.Admin)
	return s, nil
}

// leases says where the leases are, and who is told of hints.
func (o *connection) leases(s *service, client redis.UniversalClient) (config goredis.AdminConfig, err error) {
	if o.Lease == "goredis" {
		return config, nil
	}
	clients, err := o.leaseClients(s, client)
	if err != nil {
		return config, err
	}
	if o.Lease == "redislock" {
		inspector, err := redislock.NewInspector(clients[0], o.Service)
		if err != nil {
			return config, err
		}
		notifier, err := redislock.NewNotifier(clients[0], o.Service, redislock.NotifierConfig{})
		if err != nil {
			return config, errors.Join(err, inspector.Close())
		}
		s.closers, s.examineLeases = append(s.closers, inspector, notifier), inspector.Examine
		return goredis.AdminConfig{Leases: inspector, Hints: notifier}, nil
	}
	inspector, err := redsync.NewInspector(o.Service, clients...)
	if err != nil {
		return config, err
	}
	notifier, err := redsync.NewNotifier(o.Service, redsync.NotifierConfig{}, clients...)
	if err != nil {
		return config, errors.Join(err, inspector.Close())
	}
	s.closers, s.examineLeases = append(s.closers, inspector, notifier), inspector.Examine
	return goredis.AdminConfig{Leases: inspector, Hints: notifier}, nil
}

// leaseClients are the servers of the locks: those named, or that of the source.
func (o *connection) leaseClients(s *service, client redis.UniversalClient) ([]redis.UniversalClient, error) {
	if len(o.LeaseURL) == 0 {
		return []redis.UniversalClient{client}, nil
	}
	var clients []redis.UniversalClient
	for _, text := range o.LeaseURL {
		options, err := o.options(text)
		if err != nil {
			return nil, err
		}
		one := redis.NewClient(options)
		s.closers = append(s.closers, one)
		clients = append(clients, one)
	}
	return clients, nil
}

// close closes everything, the last first.
func (s *service) close() error {
	var errs []error
	for at := len(s.closers) - 1; at >= 0; at-- {
		errs = append(errs, s.closers[at].Close())
	}
	return errors.Join(errs...)
}
