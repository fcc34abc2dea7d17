// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig

import (
	"cmp"
	"net"
	"net/url"
	"slices"
	"strconv"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// FileRef is a key of a Secret or ConfigMap that a transport which fetches reads from a file in SecretDir.
type FileRef struct {
	// Path of the file, which is only a name.
	Path string `json:"path"`
	// Secret or ConfigMap that has it, one of both, and its Key there.
	Secret    string `json:"secret,omitempty"`
	ConfigMap string `json:"configMap,omitempty"`
	Key       string `json:"key"`
	// Field that refers to it, below the block of the transport, for messages.
	Field string `json:"-"`
}

// Names of the files, the same for all transports.
const (
	FilePassword   = "password"
	FilePrivateKey = "private-key"
	FileUsername   = "username"
	FileCA         = "ca.crt"
	FileClientCert = "client.crt"
	FileClientKey  = "client.key"
)

// TransportFiles returns what the chosen transport reads from files to fetch its documents; nil if it receives them. All of them are required.
func TransportFiles(t *v1alpha1.Transport) []FileRef {
	if k := t.Kafka; k != nil {
		out := clientFiles(k.TLS)
		if k.SASL != nil {
			out = append(out, secretFile(FilePassword, &k.SASL.PasswordSecretRef).of("sasl.passwordSecretRef"))
		}
		return out
	}
	if a := t.AMQP; a != nil {
		out := clientFiles(a.TLS)
		if a.Auth != nil {
			out = append(out, secretFile(FilePassword, &a.Auth.PasswordSecretRef).of("auth.passwordSecretRef"))
		}
		return out
	}
	if m := t.MQTT; m != nil {
		out := clientFiles(m.TLS)
		if m.Auth != nil {
			out = append(out, secretFile(FilePassword, &m.Auth.PasswordSecretRef).of("auth.passwordSecretRef"))
		}
		return out
	}
	if n := t.NATS; n != nil {
		out := clientFiles(n.TLS)
		if a := n.Auth; a != nil {
			out = appendSecret(out, a.CredentialsSecretRef, "auth.credentialsSecretRef")
			out = appendSecret(out, a.TokenSecretRef, "auth.tokenSecretRef")
			out = appendSecret(out, a.PasswordSecretRef, "auth.passwordSecretRef")
		}
		return out
	}
	if f := t.Files; f != nil && f.From != nil {
		return placeFiles(f.From)
	}
	if s := t.SQL; s != nil {
		out := clientFiles(s.TLS)
		if ref := s.Auth.UsernameSecretRef; ref != nil {
			out = append(out, secretFile(FileUsername, ref).of("auth.usernameSecretRef"))
		}
		return appendSecret(out, s.Auth.PasswordSecretRef, "auth.passwordSecretRef")
	}
	if r := t.REST; r != nil {
		return appendSecret(clientFiles(r.TLS), r.SecretRef, "secretRef")
	}
	return nil
}

// placeFiles are those of a place with files.
func placeFiles(from *v1alpha1.FilesFrom) (out []FileRef) {
	if b := from.S3; b != nil {
		for _, f := range clientFiles(b.TLS) {
			out = append(out, f.of("from.s3."+f.Field))
		}
		if b.Auth != nil {
			out = appendSecret(out, &b.Auth.SecretAccessKeySecretRef, "from.s3.auth.secretAccessKeySecretRef")
		}
	}
	if s := from.SFTP; s != nil {
		out = appendSecret(out, s.PasswordSecretRef, "from.sftp.passwordSecretRef")
		if ref := s.PrivateKeySecretRef; ref != nil {
			out = append(out, secretFile(FilePrivateKey, ref).of("from.sftp.privateKeySecretRef"))
		}
	}
	return out
}

// appendSecret adds the file with the secret of one of several ways to log in, if that one is chosen.
func appendSecret(out []FileRef, ref *v1alpha1.SecretKeyReference, field string) []FileRef {
	if ref == nil {
		return out
	}
	return append(out, secretFile(FilePassword, ref).of(field))
}

func secretFile(path string, ref *v1alpha1.SecretKeyReference) FileRef {
	return FileRef{Path: path, Secret: ref.Name, Key: ref.KeyOr(v1alpha1.DefaultSecretKey)}
}

func (f FileRef) of(field string) FileRef {
	f.Field = field
	return f
}

// clientFiles are those of a connection by TLS.
func clientFiles(t *v1alpha1.ClientTLS) (out []FileRef) {
	if t == nil {
		return nil
	}
	if t.CASecretRef != nil {
		out = append(out, secretFile(FileCA, t.CASecretRef).of("tls.caSecretRef"))
	}
	if ref := t.CAConfigMapRef; ref != nil {
		f := FileRef{Path: FileCA, ConfigMap: ref.Name, Key: cmp.Or(ref.Key, v1alpha1.DefaultCAKey)}
		out = append(out, f.of("tls.caConfigMapRef"))
	}
	if ref := t.CertificateSecretRef; ref != nil {
		cert := FileRef{Path: FileClientCert, Secret: ref.Name, Key: TLSCertFile}.of("tls.certificateSecretRef")
		key := cert
		key.Path, key.Key = FileClientKey, TLSKeyFile
		out = append(out, cert, key)
	}
	return out
}

// TransportPorts returns the ports to which the chosen transport connects, so that a NetworkPolicy allows it, without those that no policy can have.
func TransportPorts(t *v1alpha1.Transport) []int32 {
	addresses := brokers(t)
	if f := t.Files; f != nil && f.From != nil {
		addresses = append(addresses, placeAddress(f.From))
	}
	if w := t.Webhook; w != nil && w.FollowUp != nil {
		addresses = append(addresses, apiAddresses(w.FollowUp.BaseURL, w.FollowUp.Credentials)...)
	}
	if s := t.SQL; s != nil {
		addresses = append(addresses, string(s.Address))
	}
	if r := t.REST; r != nil {
		addresses = append(addresses, apiAddresses(r.URL, r.Credentials)...)
	}
	var out []int32
	for _, a := range addresses {
		_, port, err := net.SplitHostPort(a)
		if n, parsed := strconv.ParseUint(port, 10, 16); err == nil && parsed == nil && n > 0 && !slices.Contains(out, int32(n)) {
			out = append(out, int32(n))
		}
	}
	slices.Sort(out)
	return out
}

// apiAddresses are the addresses of an API and of its token endpoint.
func apiAddresses(url string, c *v1alpha1.APICredentials) []string {
	out := []string{hostPort(url)}
	if c != nil && c.OAuth2 != nil {
		out = append(out, hostPort(c.OAuth2.TokenURL))
	}
	return out
}

// brokers are the addresses of a transport that reads from a broker.
func brokers(t *v1alpha1.Transport) []string {
	var list []v1alpha1.BrokerAddress
	switch {
	case t.Kafka != nil:
		list = t.Kafka.Brokers
	case t.NATS != nil:
		list = t.NATS.Servers
	case t.AMQP != nil:
		list = t.AMQP.Brokers
	case t.MQTT != nil:
		list = t.MQTT.Brokers
	}
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = string(b)
	}
	return out
}

// placeAddress is the address of a place with files; empty for a volume.
func placeAddress(from *v1alpha1.FilesFrom) string {
	switch {
	case from.S3 != nil && from.S3.Endpoint != "":
		return hostPort(from.S3.Endpoint)
	case from.S3 != nil:
		return "s3.amazonaws.com:443"
	case from.SFTP != nil:
		return string(from.SFTP.Address)
	}
	return ""
}

// hostPort returns the address of a URL. That of a preset has the port of HTTPS.
func hostPort(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	if port := u.Port(); port != "" {
		return net.JoinHostPort(u.Hostname(), port)
	}
	if u.Scheme == "http" {
		return net.JoinHostPort(u.Hostname(), "80")
	}
	return net.JoinHostPort(u.Hostname(), "443")
}
