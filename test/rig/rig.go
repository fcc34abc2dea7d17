// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/store/client"
)

// Rig is the data plane.
type Rig struct {
	Samples *Samples
	// Store and Ingest are the running programs. A source can have several.
	Store  *Process
	Ingest map[world.Source][]*Process
	// Endpoints of the first program of each source.
	Endpoints map[world.Source]wire.Endpoint

	bin, dir  string
	material  pki.StoreMaterial
	address   string
	storeArgs []string
}

// Options of a rig.
type Options struct {
	// Bin is the folder with the programs store, ingest and analysis, Dir an empty folder, and Samples the folder with the sample objects.
	Bin, Dir, Samples string
	// StoreArgs are additional arguments of the store.
	StoreArgs []string
}

const readyWithin = 2 * time.Minute

// New returns a rig with a store, and no ingestion yet.
func New(ctx context.Context, o Options) (*Rig, error) {
	samples, err := ReadSamples(o.Samples)
	if err != nil {
		return nil, err
	}
	r := &Rig{
		Samples: samples, Ingest: map[world.Source][]*Process{}, Endpoints: map[world.Source]wire.Endpoint{},
		bin: o.Bin, dir: o.Dir, storeArgs: o.StoreArgs,
	}
	r.material, err = pki.NewOperatorKey().Material(pki.StoreIdentity{
		Namespace: Namespace, Name: samples.Store.Name, UID: storeUID, CreatedAt: time.Now().Add(-time.Hour), Hosts: []string{"localhost"},
	}, 0)
	if err != nil {
		return nil, err
	}
	if r.address, err = freeAddress(); err != nil {
		return nil, err
	}
	if err := r.writeStore(); err != nil {
		return nil, err
	}
	return r, r.StartStore(ctx)
}

// URL returns the URL of the store.
func (r *Rig) URL() string { return "https://" + r.address }

func (r *Rig) writeStore() error {
	return errors.Join(
		r.document("store", r.Samples.StoreServer()),
		r.files("server", map[string][]byte{
			podconfig.TLSCertFile: r.material.Cert, podconfig.TLSKeyFile: r.material.Key, podconfig.AppendKey: []byte(r.material.AppendKey),
			podconfig.ScanKey: []byte(r.material.ScanKey), podconfig.AdminKey: []byte(r.material.AdminKey),
		}),
		r.files("append", map[string][]byte{podconfig.KeyFile: []byte(r.material.AppendKey), podconfig.CAFile: r.material.CA}),
		r.files("scan", map[string][]byte{podconfig.KeyFile: []byte(r.material.ScanKey), podconfig.CAFile: r.material.CA}),
	)
}

func (r *Rig) document(dir string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return r.files(dir, map[string][]byte{podconfig.File: raw})
}

func (r *Rig) files(dir string, contents map[string][]byte) error {
	if err := os.MkdirAll(r.path(dir), 0o700); err != nil {
		return err
	}
	for name, content := range contents {
		if err := os.WriteFile(r.path(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rig) path(parts ...string) string {
	return filepath.Join(append([]string{r.dir}, parts...)...)
}

// Dir returns the folder of the rig: data, documents and keys.
func (r *Rig) Dir() string { return r.dir }

// StartStore starts the store with its data, always at the same address, with the rig's arguments and then the given ones.
func (r *Rig) StartStore(ctx context.Context, args ...string) error {
	probes, err := freeAddress()
	if err != nil {
		return err
	}
	r.Store, err = start(filepath.Join(r.bin, "store"), append([]string{
		"--config", r.path("store", podconfig.File), "--data", r.path("data"), "--server-dir", r.path("server"),
		"--listen", r.address, "--admin-listen", "127.0.0.1:0", "--probe-listen", probes, "--metrics-listen", "127.0.0.1:0",
	}, append(slices.Clone(r.storeArgs), args...)...)...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	return r.Store.waitReady(ctx, "http://"+probes+"/readyz")
}

// StartIngest starts a program for a source, with the rig's arguments and the given ones, and returns its endpoint.
func (r *Rig) StartIngest(ctx context.Context, source *v1alpha1.TouchpointSource, args ...string) (wire.Endpoint, error) {
	name := world.Source(source.Name)
	endpoint := wire.Endpoint{Secret: r.Samples.Secret(source)}
	err := errors.Join(r.document(source.Name, r.Samples.Ingest(source, r.URL())), r.files(source.Name, map[string][]byte{
		v1alpha1.DefaultSecretKey: []byte(endpoint.Secret), v1alpha1.DefaultPepperKey: []byte(r.Samples.Pepper()),
	}))
	if err != nil {
		return endpoint, err
	}
	senders, err := freeAddress()
	if err != nil {
		return endpoint, err
	}
	probes, err := freeAddress()
	if err != nil {
		return endpoint, err
	}
	p, err := start(filepath.Join(r.bin, "ingest"), append([]string{
		"--config", r.path(source.Name, podconfig.File), "--secret-dir", r.path(source.Name), "--pepper-dir", r.path(source.Name),
		"--store-key-dir", r.path("append"), "--store-server-name", "localhost", "--listen", senders,
		"--probe-listen", probes, "--metrics-listen", "127.0.0.1:0", "--drain-delay", "0s",
	}, args...)...)
	if err != nil {
		return endpoint, err
	}
	r.Ingest[name] = append(r.Ingest[name], p)
	endpoint.URL = "http://" + senders
	if _, ok := r.Endpoints[name]; !ok {
		r.Endpoints[name] = endpoint
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	return endpoint, p.waitReady(ctx, "http://"+probes+"/readyz")
}

// ImportCommand writes the document of a source, and returns the program that serves an import, and its arguments after "import".
func (r *Rig) ImportCommand(source *v1alpha1.TouchpointSource) (program string, args []string, err error) {
	err = errors.Join(r.document(source.Name, r.Samples.Ingest(source, r.URL())), r.files(source.Name, map[string][]byte{
		v1alpha1.DefaultPepperKey: []byte(r.Samples.Pepper()),
	}))
	return filepath.Join(r.bin, "ingest"), []string{
		"--config", r.path(source.Name, podconfig.File), "--secret-dir", r.path(source.Name), "--pepper-dir", r.path(source.Name),
		"--store-key-dir", r.path("append"), "--store-server-name", "localhost",
	}, err
}

// Analysis is one run of an analysis job.
type Analysis struct {
	// Status as JSON, and the log of the job.
	Status []byte
	Log    string
	// CPU and PeakMemory of the job's process, and the time it took.
	CPU        time.Duration
	PeakMemory int64
	Took       time.Duration
}

// Analyse runs the analysis job of an object of a kind, which prints the status instead of writing it.
func (r *Rig) Analyse(ctx context.Context, kind string, scheduled, born time.Time) (Analysis, error) {
	return r.AnalyseDocument(ctx, r.Samples.Analysis(kind, r.URL(), born), scheduled)
}

// AnalyseDocument runs the analysis job with a document, which prints the status instead of writing it.
func (r *Rig) AnalyseDocument(ctx context.Context, doc *podconfig.Analysis, scheduled time.Time) (Analysis, error) {
	kind := doc.Kind
	if err := r.document(kind, doc); err != nil {
		return Analysis{}, err
	}
	//nolint:gosec // the programs of this repository, named by tests
	cmd := exec.CommandContext(ctx, filepath.Join(r.bin, "analysis"), "--config", r.path(kind, podconfig.File),
		"--store-keys", r.path("scan"), "--store-server-name", "localhost", "--dry-run", "-o", "json")
	cmd.Env = append(os.Environ(), "SCHEDULED_TIME="+scheduled.UTC().Format(time.RFC3339))
	var status, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &status, &log
	began := time.Now()
	peak, err := runWatched(cmd)
	out := Analysis{Status: status.Bytes(), Took: time.Since(began), Log: log.String(), PeakMemory: peak}
	if err != nil {
		return out, fmt.Errorf("analysis: %w: %s", err, out.Log)
	}
	out.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return out, nil
}

// Client returns a client of the store with the scan key.
func (r *Rig) Client() (*client.Client, error) {
	return client.New(client.Options{URL: r.URL(), Key: []byte(r.material.ScanKey), CA: r.material.CA, ServerName: "localhost"})
}

// Appender returns a client with the append key.
func (r *Rig) Appender() (*client.Client, error) {
	return client.New(client.Options{URL: r.URL(), Key: []byte(r.material.AppendKey), CA: r.material.CA, ServerName: "localhost", Timeout: time.Minute})
}

// AppendKey returns the append key, for tests that call the store without its client.
func (r *Rig) AppendKey() string { return r.material.AppendKey }

// Close ends all programs.
func (r *Rig) Close() error {
	var err error
	for _, list := range r.Ingest {
		for _, p := range list {
			err = errors.Join(err, p.Stop())
		}
	}
	if r.Store != nil {
		err = errors.Join(err, r.Store.Stop())
	}
	return err
}
