// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
	"github.com/journeyman-dev/journeyman/internal/preview/review"
	"github.com/journeyman-dev/journeyman/internal/remote"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// inputOptions are manifests and events in files.
type inputOptions struct {
	files, requests []string
	events          []fill.File
	source, asOf    string
	// encoding, dates, zone and event are the defaults for files that do not set them.
	encoding, dates, zone, event string
	rows                         int
}

// eventFiles is the value of the flag --events.
type eventFiles struct{ list *[]fill.File }

func (f eventFiles) Set(text string) error {
	list, err := fill.ParseFiles(text)
	*f.list = append(*f.list, list...)
	return err
}

func (eventFiles) String() string { return "" }

// Type returns what the help shows after the flag.
func (eventFiles) Type() string { return "[SOURCE=]FILE[,time-zone=ZONE...]" }

func (o *inputOptions) addTo(f *pflag.FlagSet) {
	f.StringSliceVarP(&o.files, "filename", "f", nil, "manifests: files, folders, or - for stdin")
	f.Var(eventFiles{&o.events}, "events", "files with events: NDJSON, JSON, CSV or Parquet, compressed or not; SOURCE=FILE sets the source; after "+
		"a comma, encoding=, dates=, time-zone= and event= override these flags for the file")
	f.StringSliceVar(&o.requests, "request", nil, "files with one recorded HTTP request each: request line, headers, an empty line and the body; or SOURCE=FILE")
	f.StringVar(&o.source, "source", "", "TouchpointSource of rows without a source, in files without SOURCE=")
	f.StringVar(&o.event, "event", "", "name of the event for rows without one")
	f.StringVar(&o.encoding, "encoding", "", "encoding of text that is not UTF-8 and has no byte-order mark, such as windows-1252")
	f.StringVar(&o.dates, "dates", "", "order of days such as 03/04/2026: dmy or mdy")
	f.StringVar(&o.zone, "time-zone", "", "zone of times without a zone, such as Europe/Berlin; default: UTC")
	f.StringVar(&o.asOf, "as-of", "", "time of analysis, RFC 3339, or now; default: the time of the newest event that is not in the future")
}

// load reads the manifests. The error lists all problems.
func (o *inputOptions) load(cmd *cobra.Command) (*manifest.Set, error) {
	set, err := manifest.Load(cmd.Context(), o.files, cmd.InOrStdin())
	if err != nil && set != nil {
		return nil, errors.Join(err, review.Check(set))
	}
	return set, err
}

// open reads manifests and events, and writes a summary to stderr.
func (o *inputOptions) open(cmd *cobra.Command, log *slog.Logger) (*preview.Preview, error) {
	asOf, err := parseAsOf(o.asOf, time.Now())
	if err != nil {
		return nil, err
	}
	text, err := fill.ParseText(o.encoding, o.dates, o.zone, o.event)
	if err != nil {
		return nil, err
	}
	set, err := o.load(cmd)
	if err != nil {
		return nil, err
	}
	p, err := preview.Open(cmd.Context(), preview.Options{
		Manifests: set, Events: o.events, Requests: o.requests, Source: o.source, Text: text, Rows: o.rows, AsOf: asOf, Log: log,
	})
	if err != nil {
		return nil, err
	}
	cmd.PrintErrln(p.Filled.String() + "; as of " + p.AsOf().Format(time.RFC3339))
	for _, line := range p.Filled.Lines() {
		cmd.PrintErrln("  " + line)
	}
	return p, nil
}

// clusterOptions select the cluster, as in kubectl.
type clusterOptions struct {
	kubeconfig, context, namespace string
}

func (o *clusterOptions) addTo(f *pflag.FlagSet) {
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "path of the kubeconfig")
	f.StringVar(&o.context, "context", "", "context of the kubeconfig")
	f.StringVarP(&o.namespace, "namespace", "n", "", "namespace of the map")
}

func (o *clusterOptions) config() (*rest.Config, string, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: o.context}
	overrides.Context.Namespace = o.namespace
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides)
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, "", err
	}
	cfg, err := loader.ClientConfig()
	return cfg, namespace, err
}

// target is the store or preview that a list is read from.
type target struct {
	store   store.Scanner
	request analysis.ListRequest
	// version of the identity table that the list is based on.
	version int64
	// state describes the state of the store, for the line below the list.
	state string
	close func()
}

// open opens the given files or, without files, the store in the cluster.
func (o *whoOptions) open(cmd *cobra.Command, name string, log *slog.Logger) (*target, error) {
	if len(o.inputs.files) > 0 || len(o.inputs.events) > 0 || len(o.inputs.requests) > 0 {
		p, err := o.inputs.open(cmd, log)
		if err != nil {
			return nil, err
		}
		s, request, err := p.List(name)
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		known, err := s.State(cmd.Context())
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		v := known.Health.Snapshot
		return &target{
			store: s, request: request, close: func() { _ = p.Close() }, version: v.IdentityVersion,
			state: stateOf(v.Seq, v.IdentityVersion),
		}, nil
	}
	cfg, namespace, err := o.cluster.config()
	if err != nil {
		return nil, err
	}
	m, err := remote.Open(cmd.Context(), cfg, namespace, name)
	if err != nil {
		return nil, err
	}
	return &target{
		store: m.Store, close: func() { _ = m.Close() }, version: m.Record.IdentityVersion,
		request: analysis.ListRequest{Document: m.Document, Record: m.Record, AsOf: m.AsOf, Now: time.Now},
		state:   stateOf(m.Record.Seq, m.Record.IdentityVersion),
	}, nil
}

// stateOf formats the state of a store, to follow a sentence.
func stateOf(seq, version int64) string {
	return fmt.Sprintf(" Commit %d, identity version %d.", seq, version)
}
