// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/test/rig/versitygw"
)

const bucketName = "exports"

// cloud is a bucket.
type cloud struct {
	*versitygw.Server
	from v1alpha1.FilesFrom
	n    int
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	s := &cloud{Server: versitygw.Start(t, bucketName)}
	s.from = v1alpha1.FilesFrom{Interval: "1s", S3: &v1alpha1.S3Bucket{
		BucketName: bucketName, Prefix: "tills/", Region: versitygw.Region, Endpoint: "http://" + s.Address,
		Auth: &v1alpha1.S3Auth{AccessKeyID: versitygw.AccessKey, SecretAccessKeySecretRef: v1alpha1.SecretKeyReference{Name: "s3"}},
	}}
	return s
}

func (s *cloud) Transport() v1alpha1.Transport {
	return v1alpha1.Transport{Files: &v1alpha1.FilesTransport{From: &s.from}}
}

func (s *cloud) ExactlyOnce() bool { return true }

func (s *cloud) Files() map[string][]byte {
	return map[string][]byte{podconfig.FilePassword: []byte(versitygw.SecretKey + "\n")}
}

func (s *cloud) Write(t testing.TB, documents ...string) {
	t.Helper()
	s.n++
	s.Put(t, bucketName, fmt.Sprintf("tills/%05d.ndjson", s.n), strings.Join(documents, "\n"))
}

func TestS3(t *testing.T) {
	pulltest.Run(t, func(t *testing.T) pulltest.System { return newCloud(t) })
}

// The server is killed in between, too.
func TestABucketWhoseServerIsKilled(t *testing.T) {
	pulltest.RunKills(t, newCloud(t), pulltest.Kills()/5, 3)
}

// An object is read again when its content changes: its rows are known. Other prefixes are not read.
func TestAnObjectThatChanges(t *testing.T) {
	s := newCloud(t)
	p := pulltest.NewPod(t, s)
	s.Put(t, bucketName, "other/a.ndjson", pulltest.Documents(7, 8)[0])
	s.Put(t, bucketName, "tills/a.ndjson", strings.Join(pulltest.Documents(0, 3), "\n"))
	p.Run()
	p.Await(3)
	s.Put(t, bucketName, "tills/a.ndjson", strings.Join(pulltest.Documents(0, 5), "\n"))
	p.Await(5)
	p.Check(5, false)
	require.EqualValues(t, 3, p.Source().Duplicates)
	require.NoError(t, s.Client.RemoveObject(t.Context(), bucketName, "tills/a.ndjson", minio.RemoveObjectOptions{}))
	require.Eventually(t, func() bool { l := p.Runner.State().Lag; return l != nil && *l == 0 && *p.Runner.State().LagBytes == 0 }, time.Minute, 10*time.Millisecond)
}

// Errors name the field to correct.
func TestBucketsThatCannotBeRead(t *testing.T) {
	s := newCloud(t)
	s.Write(t, pulltest.Documents(0, 3)...)
	good := *s.from.S3
	for name, c := range map[string]struct {
		change  func(b *v1alpha1.S3Bucket)
		secret  string
		reason  string
		message string
	}{
		"bucket": {func(b *v1alpha1.S3Bucket) { b.BucketName = "others" }, versitygw.SecretKey, pull.NotFound, "s3.bucketName"},
		"key":    {func(b *v1alpha1.S3Bucket) { b.Auth.AccessKeyID = "nobody" }, versitygw.SecretKey, pull.Unauthorized, "s3.auth.accessKeyID"},
		"secret": {func(*v1alpha1.S3Bucket) {}, "wrong", pull.Unauthorized, "s3.auth.secretAccessKeySecretRef"},
		"region": {func(b *v1alpha1.S3Bucket) { b.Region = "us-west-2" }, versitygw.SecretKey, pull.Misconfigured, "s3.region"},
		"public": {func(b *v1alpha1.S3Bucket) { b.Auth = nil }, "", pull.Unauthorized, "s3.auth"},
		"TLS": {
			func(b *v1alpha1.S3Bucket) { b.Endpoint = strings.Replace(b.Endpoint, "http:", "https:", 1) }, versitygw.SecretKey, pull.Misconfigured, "s3.endpoint",
		},
		"address": {func(b *v1alpha1.S3Bucket) { b.Endpoint = "http://127.0.0.1:1" }, versitygw.SecretKey, pull.Unreachable, "s3.endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := *good.DeepCopy()
			c.change(&changed)
			s.from.S3 = &changed
			p := pulltest.NewPod(t, s)
			p.Files = map[string][]byte{podconfig.FilePassword: []byte(c.secret)}
			defer p.Run()()
			require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, time.Minute, 10*time.Millisecond)
			problem := p.Runner.State().Problem
			require.Equal(t, c.reason, problem.Reason, problem.Message)
			require.Contains(t, problem.Message, "spec.transport.files.from."+c.message)
		})
	}
}

// Credentials of the environment are not used, and no metadata service is asked.
func TestCredentialsOfTheEnvironmentAreNotUsed(t *testing.T) {
	s := newCloud(t)
	t.Setenv("AWS_ACCESS_KEY_ID", versitygw.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", versitygw.SecretKey)
	s.from.S3.Auth = nil
	p := pulltest.NewPod(t, s)
	p.Run()
	require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, time.Minute, 10*time.Millisecond)
	require.Equal(t, pull.Unauthorized, p.Runner.State().Problem.Reason)
}
