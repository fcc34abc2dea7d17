// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package apache

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
)

const (
	// User is the user of SASL, with all mechanisms, and the name in the client's certificate.
	User = "journeyman"
	// Stranger is a user of SASL without permissions.
	Stranger = "stranger"
	// Password of both.
	Password = "correct horse"
)

// Material are certificates of the cluster, in PEM.
type Material struct {
	// CA has signed the certificates of brokers and of the client; OtherCA has signed nothing of them.
	CA, OtherCA []byte
	// ClientCert and ClientKey are the certificate of User. OtherCert and OtherKey are of OtherCA.
	ClientCert, ClientKey, OtherCert, OtherKey []byte
	dir                                        string
}

func newMaterial(t testing.TB, dir string) Material {
	t.Helper()
	ca, other := newAuthority(t), newAuthority(t)
	m := Material{CA: ca.pem, OtherCA: other.pem, dir: dir}
	m.ClientCert, m.ClientKey = ca.sign(t, User)
	m.OtherCert, m.OtherKey = other.sign(t, User)
	cert, key := ca.sign(t, "kafka")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "broker.pem"), append(key, cert...), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ca.pem"), ca.pem, 0o600))
	return m
}

// settings are those of brokers about security. Whoever connects without a name may do everything; others need permissions.
func (m *Material) settings() map[string]any {
	plain := "org.apache.kafka.common.security.plain.PlainLoginModule required"
	for _, name := range []string{User, Stranger} {
		plain += fmt.Sprintf(" user_%s=%q", name, Password)
	}
	const scram, prefix = "org.apache.kafka.common.security.scram.ScramLoginModule required;", "listener.name.sasl."
	return map[string]any{
		"ssl.keystore.type": "PEM", "ssl.keystore.location": filepath.Join(m.dir, "broker.pem"),
		"ssl.truststore.type": "PEM", "ssl.truststore.location": filepath.Join(m.dir, "ca.pem"),
		"listener.name.mtls.ssl.client.auth": "required",
		prefix + "sasl.enabled.mechanisms":   "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
		prefix + "plain.sasl.jaas.config":    plain + ";", prefix + "scram-sha-256.sasl.jaas.config": scram, prefix + "scram-sha-512.sasl.jaas.config": scram,
		"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users": "User:ANONYMOUS",
	}
}

// Allow creates the users of SCRAM, and gives User what the docs say that it needs for topics and groups with a prefix.
func (c *Cluster) Allow(t testing.TB, prefix string) {
	t.Helper()
	for _, mechanism := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} {
		// A request can name a user only once.
		var users []kadm.UpsertSCRAM
		for _, name := range []string{User, Stranger} {
			users = append(users, kadm.UpsertSCRAM{User: name, Mechanism: mechanism, Iterations: 4096, Password: Password})
		}
		altered, err := c.Admin.AlterUserSCRAMs(t.Context(), nil, users)
		require.NoError(t, err)
		require.NoError(t, altered.Error())
	}
	names := []string{"User:" + User, "User:CN=" + User}
	for _, acl := range []*kadm.ACLBuilder{
		kadm.NewACLs().Topics(prefix).Operations(kadm.OpRead, kadm.OpDescribe), kadm.NewACLs().Groups(prefix).Operations(kadm.OpRead),
	} {
		created, err := c.Admin.CreateACLs(t.Context(), acl.ResourcePatternType(kadm.ACLPatternPrefixed).Allow(names...).AllowHosts("*"))
		require.NoError(t, err)
		for _, one := range created {
			require.NoError(t, one.Err)
		}
	}
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	a := &authority{key: key, cert: certificate("authority")}
	a.cert.IsCA, a.cert.BasicConstraintsValid, a.cert.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, key.Public(), key)
	require.NoError(t, err)
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

// sign returns a certificate for both sides of a connection.
func (a *authority) sign(t testing.TB, name string) (cert, key []byte) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := certificate(name)
	c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, pair.Public(), a.key)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(pair)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}

func certificate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
}
