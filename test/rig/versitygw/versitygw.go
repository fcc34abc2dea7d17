// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package versitygw runs a server with the API of S3 as a process of its own, with a folder of data. hack/tools/build.sh versitygw builds it.
package versitygw

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/test/rig"
)

// The access key of all servers, and their region.
const (
	AccessKey = "journeyman"
	SecretKey = "correct-horse-battery"
	Region    = "eu-central-1"
)

// Server is a running server.
type Server struct {
	// Address is host:port, always the same.
	Address string
	// Client has all rights.
	Client  *minio.Client
	dir     string
	process *rig.Process
}

// Start starts a server with a bucket. The test is skipped if the program is not there.
func Start(t testing.TB, bucket string) *Server {
	t.Helper()
	if _, err := os.Stat(program()); err != nil {
		t.Skip("bin/versitygw is not there: run hack/tools/build.sh versitygw")
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &Server{Address: l.Addr().String(), dir: t.TempDir()}
	require.NoError(t, l.Close())
	for _, d := range []string{"data", "attributes"} {
		require.NoError(t, os.Mkdir(filepath.Join(s.dir, d), 0o700))
	}
	s.Client, err = minio.New(s.Address, &minio.Options{Creds: credentials.NewStaticV4(AccessKey, SecretKey, ""), Region: Region, MaxRetries: 1})
	require.NoError(t, err)
	s.Restart(t)
	t.Cleanup(s.Kill)
	require.NoError(t, s.Client.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}))
	return s
}

// program is bin/versitygw of this repository.
func program() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "..", "bin", "versitygw")
}

// Restart starts the server with its data, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	var err error
	s.process, err = rig.Start(program(), "--access", AccessKey, "--secret", SecretKey, "--region", Region, "--port", s.Address, "--quiet",
		"posix", "--sidecar", filepath.Join(s.dir, "attributes"), filepath.Join(s.dir, "data"))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := s.Client.ListBuckets(ctx)
		return err == nil
	}, time.Minute, 20*time.Millisecond)
}

// Kill ends the server by SIGKILL. It can be called again.
func (s *Server) Kill() { _ = s.process.Kill() }

// Put writes an object.
func (s *Server) Put(t testing.TB, bucket, key, content string) {
	t.Helper()
	_, err := s.Client.PutObject(t.Context(), bucket, key, io.Reader(strings.NewReader(content)), int64(len(content)), minio.PutObjectOptions{})
	require.NoError(t, err)
}
