// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Files are the paths at which the pod's documents and Secrets are mounted.
type Files struct {
	// Config is the path of config.json.
	Config string
	// SecretDir and PepperDir contain the users' Secrets, which can be missing.
	SecretDir, PepperDir string
	// TLSDir contains the certificate for senders, which can be missing; empty to serve them without TLS.
	TLSDir string
}

// contents are the bytes of the files; nil if a file is missing.
type contents struct {
	config, secret, challenge, api, pepper, cert, key []byte
	// files are what a transport needs to fetch documents.
	files map[string][]byte
}

func (c *contents) equal(o *contents) bool {
	return bytes.Equal(c.config, o.config) && same(c.secret, o.secret) && same(c.challenge, o.challenge) && same(c.api, o.api) && same(c.pepper, o.pepper) &&
		same(c.cert, o.cert) && same(c.key, o.key) && maps.EqualFunc(c.files, o.files, bytes.Equal)
}

func (c *contents) secrets() pipeline.Secrets {
	return pipeline.Secrets{Secret: c.secret, Challenge: c.challenge, API: c.api, Pepper: c.pepper, Files: c.files}
}

func same(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

// Reloader polls the files, and passes a new snapshot to the server when they have changed. Polling works for Secrets that do not exist yet, for
// Kubernetes' symbolic links, and on every file system.
type Reloader struct {
	files   Files
	server  *Server
	connect func(podconfig.Store) (store.Appender, error)
	log     *slog.Logger
	problem atomic.Pointer[string]
	// puller reads for sources that fetch their documents; it can be nil.
	puller *puller.Runner

	seen     *contents
	store    podconfig.Store
	appender store.Appender
	// trust that the store knows: whether the source is public.
	trust bool
}

// NewReloader returns a reloader. connect connects to a store; it is called when the configuration names a different one.
func NewReloader(f Files, s *Server, connect func(podconfig.Store) (store.Appender, error), log *slog.Logger) *Reloader {
	return &Reloader{files: f, server: s, connect: connect, log: log}
}

// Open reads the files once, and returns their snapshot, for a command that runs in the pod.
func Open(f Files, connect func(podconfig.Store) (store.Appender, error)) (*pipeline.Snapshot, error) {
	now, c, err := (&Reloader{files: f}).read()
	if err != nil {
		return nil, err
	}
	appender, err := connect(c.Store)
	if err != nil {
		return nil, fmt.Errorf("the store %s cannot be used: %w", c.Store.URL, err)
	}
	return pipeline.Build(c, now.secrets(), appender)
}

// Problem returns the problem with the latest configuration, or an empty text if it is in use.
func (r *Reloader) Problem() string {
	if p := r.problem.Load(); p != nil {
		return *p
	}
	return ""
}

// Run reloads until ctx ends.
func (r *Reloader) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.Reload()
		}
	}
}

// Reload reads the files once. If they are invalid, the previous snapshot stays in use, and they are read again later.
func (r *Reloader) Reload() {
	now, c, err := r.read()
	if err == nil && r.seen != nil && now.equal(r.seen) {
		return
	}
	if err == nil {
		err = r.apply(c, now)
	}
	r.seen = now
	problem := ""
	if err != nil {
		problem, r.seen = err.Error(), nil
	}
	if problem != r.Problem() {
		r.report(problem)
	}
	r.problem.Store(&problem)
}

func (r *Reloader) report(problem string) {
	if problem == "" {
		r.log.Info("the configuration is valid again")
		return
	}
	r.log.Error("the configuration is invalid; the previous one stays in use", "error", problem)
}

func (r *Reloader) read() (*contents, *podconfig.Ingest, error) {
	raw, err := podconfig.ReadFile(r.files.Config)
	if err != nil {
		return nil, nil, fmt.Errorf("the configuration cannot be read: %w", err)
	}
	c, err := pipeline.ParseConfig(raw)
	if err != nil {
		return nil, nil, err
	}
	out := &contents{config: raw}
	if out.secret, err = optional(r.files.SecretDir, pipeline.SecretFile(c)); err != nil {
		return nil, nil, err
	}
	if out.files, err = r.filesOf(c); err != nil {
		return nil, nil, err
	}
	if out.challenge, err = optional(r.files.SecretDir, pipeline.ChallengeFile(c)); err != nil {
		return nil, nil, err
	}
	if out.api, err = optional(r.files.SecretDir, pipeline.APIFile(c)); err != nil {
		return nil, nil, err
	}
	if out.pepper, err = optional(r.files.PepperDir, pipeline.PepperFile(c)); err != nil || r.files.TLSDir == "" {
		return out, c, err
	}
	if out.cert, err = optional(r.files.TLSDir, podconfig.TLSCertFile); err != nil {
		return nil, nil, err
	}
	out.key, err = optional(r.files.TLSDir, podconfig.TLSKeyFile)
	return out, c, err
}

// filesOf reads what the transport needs to fetch documents, without what is missing.
func (r *Reloader) filesOf(c *podconfig.Ingest) (map[string][]byte, error) {
	var out map[string][]byte
	for _, f := range podconfig.TransportFiles(&c.Source.Transport) {
		b, err := optional(r.files.SecretDir, f.Path)
		if err != nil {
			return nil, err
		}
		if b == nil {
			continue
		}
		if out == nil {
			out = map[string][]byte{}
		}
		out[f.Path] = b
	}
	return out, nil
}

// optional reads a file that can be missing. The name comes from a reference, so it must not lead out of the folder.
func optional(dir, name string) ([]byte, error) {
	if name == "" || name != filepath.Base(name) {
		return nil, nil
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the Secret's file %s cannot be read: %w", name, err)
	}
	return b, nil
}

func (r *Reloader) apply(c *podconfig.Ingest, now *contents) error {
	appender := r.appender
	if appender == nil || c.Store != r.store {
		var err error
		if appender, err = r.connect(c.Store); err != nil {
			return fmt.Errorf("the store %s cannot be used: %w", c.Store.URL, err)
		}
	}
	snapshot, err := pipeline.Build(c, now.secrets(), appender)
	if err != nil {
		return err
	}
	if r.files.TLSDir != "" {
		snapshot.SetCertificate(now.cert, now.key, r.server.Current())
	}
	if r.trust != snapshot.Public() || r.appender == nil || c.Store != r.store {
		r.trust = snapshot.Public()
		r.server.batcher.Declare(snapshot.Target())
	}
	r.appender, r.store = appender, c.Store
	snapshot.UseMemory(r.server.memory)
	before := r.server.Current()
	r.server.Use(snapshot)
	if before != nil {
		before.Close()
	}
	if r.puller != nil {
		r.puller.Use(snapshot)
	}
	r.log.Info("configuration in use", "namespace", c.Namespace, "source", c.Name, "generation", c.Generation,
		"transport", snapshot.Kind, "problem", snapshot.Problem)
	return nil
}
