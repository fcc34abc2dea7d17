// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// Messages about a missing file name the field that refers to it.
func TestFilesNameTheirFields(t *testing.T) {
	files := func(tls v1alpha1.ClientTLS) map[string]string {
		out := map[string]string{}
		for _, f := range podconfig.TransportFiles(&v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
			TLS: &tls, SASL: &v1alpha1.KafkaSASL{PasswordSecretRef: v1alpha1.SecretKeyReference{Name: "p"}},
		}}) {
			out[f.Path] = f.Field
		}
		return out
	}
	const password = "sasl.passwordSecretRef"
	require.Equal(t, map[string]string{podconfig.FileCA: "tls.caSecretRef", podconfig.FilePassword: password},
		files(v1alpha1.ClientTLS{CASecretRef: &v1alpha1.SecretKeyReference{Name: "ca"}}))
	require.Equal(t, map[string]string{
		podconfig.FileCA: "tls.caConfigMapRef", podconfig.FilePassword: password,
		podconfig.FileClientCert: "tls.certificateSecretRef", podconfig.FileClientKey: "tls.certificateSecretRef",
	}, files(v1alpha1.ClientTLS{
		CAConfigMapRef: &v1alpha1.ConfigMapKeyReference{Name: "ca"}, CertificateSecretRef: &v1alpha1.CertificateReference{Name: "cert"},
	}))
}

// NATS has three ways to log in, each with a field of its own.
func TestFilesOfNATS(t *testing.T) {
	ref := &v1alpha1.SecretKeyReference{Name: "nats"}
	for field, auth := range map[string]v1alpha1.NATSAuth{
		"auth.credentialsSecretRef": {CredentialsSecretRef: ref},
		"auth.tokenSecretRef":       {TokenSecretRef: ref},
		"auth.passwordSecretRef":    {Username: "user", PasswordSecretRef: ref},
	} {
		t.Run(field, func(t *testing.T) {
			require.Equal(t, []podconfig.FileRef{{Path: podconfig.FilePassword, Secret: "nats", Key: v1alpha1.DefaultSecretKey, Field: field}},
				podconfig.TransportFiles(&v1alpha1.Transport{NATS: &v1alpha1.NATSTransport{Auth: &auth}}))
		})
	}
}

// An API has a secret, authorities and a certificate, and can have a token endpoint with another port.
func TestAnAPI(t *testing.T) {
	ref := v1alpha1.SecretKeyReference{Name: "api"}
	transport := &v1alpha1.Transport{REST: &v1alpha1.RESTTransport{
		URL: "https://api.example.com/v1/orders", SecretRef: &ref, TLS: &v1alpha1.ClientTLS{CASecretRef: &ref},
		Credentials: &v1alpha1.APICredentials{OAuth2: &v1alpha1.APIOAuth2{TokenURL: "http://login.shop.svc:8080/token"}},
	}}
	require.Equal(t, []int32{443, 8080}, podconfig.TransportPorts(transport))
	require.Equal(t, []podconfig.FileRef{
		{Path: podconfig.FileCA, Secret: "api", Key: v1alpha1.DefaultSecretKey, Field: "tls.caSecretRef"},
		{Path: podconfig.FilePassword, Secret: "api", Key: v1alpha1.DefaultSecretKey, Field: "secretRef"},
	}, podconfig.TransportFiles(transport))
}

// A NetworkPolicy with the port 0 is refused, and none of the source's objects would be updated.
func TestPortsThatNoPolicyCanHave(t *testing.T) {
	ports := podconfig.TransportPorts(&v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
		Brokers: []v1alpha1.BrokerAddress{"b:9093", "a:9092", "[fd00::1]:9092", "a:0", "a:00", "a:99999"},
	}})
	require.Equal(t, []int32{9092, 9093}, ports)
}

// A place with files has its own Secrets and port.
func TestPlacesOfFiles(t *testing.T) {
	ref := v1alpha1.SecretKeyReference{Name: "key"}
	for _, c := range []struct {
		from  v1alpha1.FilesFrom
		files []podconfig.FileRef
		ports []int32
	}{
		{from: v1alpha1.FilesFrom{Volume: &v1alpha1.VolumeFolder{ClaimName: "exports"}}},
		{from: v1alpha1.FilesFrom{S3: &v1alpha1.S3Bucket{}}, ports: []int32{443}},
		{
			from: v1alpha1.FilesFrom{S3: &v1alpha1.S3Bucket{
				Endpoint: "http://s3.shop.svc:9000", Auth: &v1alpha1.S3Auth{SecretAccessKeySecretRef: ref}, TLS: &v1alpha1.ClientTLS{CASecretRef: &ref},
			}},
			files: []podconfig.FileRef{
				{Path: podconfig.FileCA, Secret: "key", Key: v1alpha1.DefaultSecretKey, Field: "from.s3.tls.caSecretRef"},
				{Path: podconfig.FilePassword, Secret: "key", Key: v1alpha1.DefaultSecretKey, Field: "from.s3.auth.secretAccessKeySecretRef"},
			},
			ports: []int32{9000},
		},
		{
			from:  v1alpha1.FilesFrom{SFTP: &v1alpha1.SFTPFolder{Address: "sftp.example.com:2222", PasswordSecretRef: &ref}},
			files: []podconfig.FileRef{{Path: podconfig.FilePassword, Secret: "key", Key: v1alpha1.DefaultSecretKey, Field: "from.sftp.passwordSecretRef"}},
			ports: []int32{2222},
		},
		{
			from:  v1alpha1.FilesFrom{SFTP: &v1alpha1.SFTPFolder{Address: "sftp.example.com:22", PrivateKeySecretRef: &ref}},
			files: []podconfig.FileRef{{Path: podconfig.FilePrivateKey, Secret: "key", Key: v1alpha1.DefaultSecretKey, Field: "from.sftp.privateKeySecretRef"}},
			ports: []int32{22},
		},
	} {
		transport := &v1alpha1.Transport{Files: &v1alpha1.FilesTransport{From: &c.from}}
		require.Equal(t, c.files, podconfig.TransportFiles(transport))
		require.Equal(t, c.ports, podconfig.TransportPorts(transport))
	}
}
