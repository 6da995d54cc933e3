package combinations_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// makeCertificate writes a certificate for 127.0.0.1 that signs itself.
func makeCertificate(t *testing.T) (certificate, key string, trusted *x509.CertPool) {
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(signed)
	require.NoError(t, err)
	trusted = x509.NewCertPool()
	trusted.AddCert(parsed)
	encoded, err := x509.MarshalECPrivateKey(secret)
	require.NoError(t, err)
	folder := t.TempDir()
	return writePEM(t, folder, "CERTIFICATE", signed), writePEM(t, folder, "EC PRIVATE KEY", encoded), trusted
}

func writePEM(t *testing.T, folder, kind string, bytes []byte) string {
	path := filepath.Join(folder, kind[:2]+".pem")
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600))
	return path
}
