// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/pki"
)

var created = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

func store(uid string) pki.StoreIdentity {
	return pki.StoreIdentity{
		Namespace: "shop", Name: "default", UID: uid, CreatedAt: created,
		Hosts: []string{"default-store", "default-store.shop", "default-store.shop.svc", "default-store.shop.svc.cluster.local"},
	}
}

func material(t require.TestingT, key pki.OperatorKey, s pki.StoreIdentity, epoch int) pki.StoreMaterial {
	m, err := key.Material(s, epoch)
	require.NoError(t, err)
	return m
}

func TestMaterialIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, err := pki.ParseOperatorKey(rapid.SliceOfN(rapid.Byte(), pki.KeySize, pki.KeySize).Draw(t, "key"))
		require.NoError(t, err)
		epoch := rapid.IntRange(0, 20).Draw(t, "epoch")
		s := store(rapid.StringMatching(`[0-9a-f]{8}`).Draw(t, "uid"))
		once := material(t, key, s, epoch)
		s.CreatedAt = s.CreatedAt.In(time.FixedZone("elsewhere", 3600))
		require.Equal(t, once, material(t, key, s, epoch), "regardless of the operator's time zone")
	})
}

// Purposes, stores and operator keys share no secret.
func TestKeysDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, key := range []pki.OperatorKey{{1}, {2}} {
		for _, uid := range []string{"a", "b"} {
			m := material(t, key, store(uid), 0)
			for name, value := range map[string]string{
				"append": m.AppendKey, "scan": m.ScanKey, "admin": m.AdminKey, "server key": string(m.Key),
				"authority": string(m.CA), "server suffix": m.ServerSuffix, "client suffix": m.ClientSuffix,
			} {
				where := fmt.Sprintf("%s of store %s by %v", name, uid, key)
				require.Empty(t, seen[value], where)
				seen[value] = where
			}
			require.Len(t, m.AppendKey, 64)
			require.Len(t, m.ServerSuffix, 8)
			require.Len(t, m.ClientSuffix, 8)
		}
	}
}

func TestEpochsChangeOnlyTheCertificate(t *testing.T) {
	key := pki.OperatorKey{1}
	first, second := material(t, key, store("a"), 0), material(t, key, store("a"), 1)
	require.Equal(t, first.CA, second.CA)
	require.Equal(t, first.AppendKey, second.AppendKey)
	require.NotEqual(t, first.Cert, second.Cert)
	require.NotEqual(t, first.Key, second.Key)
	require.NotEqual(t, first.ServerSuffix, second.ServerSuffix, "Secrets are never changed, so the new one needs a new name")
	require.Equal(t, first.ClientSuffix, second.ClientSuffix, "clients keep what they have")
}

func TestEpochAt(t *testing.T) {
	for offset, want := range map[time.Duration]int{
		-time.Hour: 0, 0: 0, pki.Epoch - 1: 0, pki.Epoch: 1, 5*pki.Epoch + time.Hour: 5,
	} {
		require.Equal(t, want, pki.EpochAt(created, created.Add(offset)), offset)
	}
	require.Equal(t, created.Add(pki.Epoch), pki.EpochStart(created, 1))
	require.Equal(t, 1, pki.EpochAt(created, pki.EpochStart(created, 1)))
}

func TestMaterialNeedsTheUIDOfAStore(t *testing.T) {
	for _, s := range []pki.StoreIdentity{
		{UID: "a", Hosts: []string{"x"}}, {CreatedAt: created, Hosts: []string{"x"}}, {UID: "a", CreatedAt: created},
	} {
		_, err := pki.OperatorKey{}.Material(s, 0)
		require.Error(t, err)
	}
}

// handshake opens a TLS connection to a server with the material, with a trusted CA and at a given time.
func handshake(t *testing.T, server pki.StoreMaterial, ca []byte, host string, at time.Time) error {
	t.Helper()
	pair, err := tls.X509KeyPair(server.Cert, server.Key)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca))
	clock := func() time.Time { return at }
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13})
	require.NoError(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		// only the result of the client matters
		_ = conn.(*tls.Conn).Handshake()
		_ = conn.Close()
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-served
	})
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	return tls.Client(conn, &tls.Config{RootCAs: pool, ServerName: host, Time: clock, MinVersion: tls.VersionTLS13}).Handshake()
}

func TestHandshake(t *testing.T) {
	key := pki.OperatorKey{7}
	s := store("a")
	first, second := material(t, key, s, 0), material(t, key, s, 1)
	stranger := material(t, pki.OperatorKey{8}, s, 0)
	neighbour := material(t, key, store("b"), 0)
	soon := created.Add(time.Minute)

	for _, host := range s.Hosts {
		require.NoError(t, handshake(t, first, first.CA, host, soon), host)
	}
	require.NoError(t, handshake(t, first, first.CA, s.Hosts[0], created.Add(-time.Minute)), "a pod's clock may be behind")
	require.NoError(t, handshake(t, first, second.CA, s.Hosts[0], created.Add(pki.Epoch+24*time.Hour)),
		"a store that has not taken up the next epoch yet is trusted")
	require.NoError(t, handshake(t, second, first.CA, s.Hosts[0], created.Add(pki.Epoch+24*time.Hour)),
		"a client of the last epoch trusts a store of this one")

	require.ErrorContains(t, handshake(t, first, first.CA, "evil.example.com", soon), "not evil.example.com")
	require.ErrorContains(t, handshake(t, first, first.CA, s.Hosts[0], created.Add(2*pki.Epoch+time.Hour)), "expired")
	require.ErrorContains(t, handshake(t, stranger, first.CA, s.Hosts[0], soon), "unknown authority")
	require.ErrorContains(t, handshake(t, neighbour, first.CA, s.Hosts[0], soon), "unknown authority")
}

// A compromised store cannot sign certificates.
func TestServerCannotSign(t *testing.T) {
	m := material(t, pki.OperatorKey{7}, store("a"), 0)
	block, _ := pem.Decode(m.Cert)
	cert, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	require.False(t, cert.IsCA)
	require.Equal(t, x509.KeyUsageDigitalSignature, cert.KeyUsage)
	require.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, cert.ExtKeyUsage)
}
