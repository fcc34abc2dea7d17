// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer/client"
	"github.com/journeyman-dev/journeyman/internal/simulator/broker"
	"github.com/journeyman-dev/journeyman/internal/simulator/send"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/test/rig"
	"github.com/journeyman-dev/journeyman/test/rig/nats"
)

// Sends a world through the eight sources of config/samples/omnichannel: six transports and three presets, a NATS server as a process, and a file that
// is imported. All numbers are the true ones, also after everything was sent again and the file was imported again.
func TestNumbersOfTheOmnichannelSample(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the rig reads /proc, which is there on Linux only")
	}
	server := nats.Start(t, "")
	r, err := rig.New(t.Context(), rig.Options{
		Bin: programs(t), Dir: t.TempDir(), Samples: filepath.Join("..", "..", "config", "samples", "omnichannel"),
	})
	require.NoError(t, err)
	messages, err := broker.Connect(t.Context(), server.Address)
	require.NoError(t, err)
	t.Cleanup(messages.Close)
	for i := range r.Samples.Sources {
		startSystem(t, r, &r.Samples.Sources[i], server.Address)
	}
	p := world.Defaults(time.Now().Add(-time.Second))
	p.Seed, p.Persons, p.Omnichannel = 23, 700, true
	w, err := world.New(p)
	require.NoError(t, err)

	history := historyOf(r)
	require.NotNil(t, history)
	first := importHistory(t, r, history, w)
	summary := sendSystems(t, r, messages, w, 0)
	require.EqualValues(t, summary.Sent[world.TillHistory].Events, first.Stored)
	for _, s := range w.Sources() {
		require.Greater(t, summary.Sent[s].Events, int64(20), s)
	}
	objects := analyse(t, r, w.Params.Now, w, summary.Sent)
	agree(t, objects, []wire.Tally{summary.Sent}, w)
	table, err := objects.Compare([]wire.Tally{summary.Sent}, w)
	require.NoError(t, err)
	sent, err := json.Marshal(summary)
	require.NoError(t, err)
	t.Logf("%d numbers agree; sent: %s", len(table.Lines), sent)

	sendSystems(t, r, messages, w, 1)
	require.Zero(t, importHistory(t, r, history, w).Stored)
	objects = analyse(t, r, w.Params.Now.Add(-30*time.Hour), w)
	objects.Sources = nil // everything was accepted and refused twice
	agree(t, objects, []wire.Tally{summary.Sent}, w)
	require.NoError(t, r.Close())
}

// The omnichannel sample asks the same questions as the quick start's: only the sources differ, and with them the number of channels.
func TestOmnichannelSampleIsTheSameJourney(t *testing.T) {
	plain, err := rig.ReadSamples(filepath.Join("..", "..", "config", "samples"))
	require.NoError(t, err)
	omnichannel, err := rig.ReadSamples(filepath.Join("..", "..", "config", "samples", "omnichannel"))
	require.NoError(t, err)
	require.Equal(t, plain.Store.Spec, omnichannel.Store.Spec)
	var names []v1alpha1.LocalReference
	transports, w := map[string]bool{}, &world.World{Params: world.Params{Omnichannel: true}}
	for i := range omnichannel.Sources {
		s := &omnichannel.Sources[i]
		name, _ := s.Spec.Transport.Chosen()
		transports[name] = true
		require.Contains(t, w.Sources(), world.Source(s.Name))
		require.Equal(t, world.Source(s.Name).Channel(), string(s.Spec.Channel))
	}
	require.Len(t, transports, 6)
	for _, s := range w.Sources() {
		names = append(names, v1alpha1.LocalReference{Name: v1alpha1.LocalName(s)})
	}
	require.Equal(t, names, omnichannel.Journey.Spec.Sources)
	omnichannel.Journey.Spec.Sources = plain.Journey.Spec.Sources
	require.Equal(t, plain.Journey.Spec, omnichannel.Journey.Spec)
	omnichannel.Report.Spec.BreakdownBy[0].Limit = plain.Report.Spec.BreakdownBy[0].Limit
	require.Equal(t, plain.Report.Spec, omnichannel.Report.Spec)
}

// startSystem starts the pod of a source. A source of files has none that listens.
func startSystem(t *testing.T, r *rig.Rig, source *v1alpha1.TouchpointSource, server string) {
	t.Helper()
	var args []string
	switch {
	case source.Spec.Transport.Files != nil:
		return
	case source.Spec.Transport.NATS != nil:
		source.Spec.Transport.NATS.Servers = []v1alpha1.BrokerAddress{v1alpha1.BrokerAddress(server)}
		source.Spec.Egress = &v1alpha1.SourceEgress{CIDRs: []string{"127.0.0.0/8"}}
		args = []string{"--listen", ""}
	}
	_, err := r.StartIngest(t.Context(), source, args...)
	require.NoError(t, err)
}

func historyOf(r *rig.Rig) *v1alpha1.TouchpointSource {
	for i := range r.Samples.Sources {
		if s := &r.Samples.Sources[i]; world.Source(s.Name) == world.TillHistory {
			return s
		}
	}
	return nil
}

// sendSystems sends what the systems of a world send, and waits until the messages are read.
func sendSystems(t *testing.T, r *rig.Rig, messages *broker.Broker, w *world.World, delivery uint64) send.Summary {
	t.Helper()
	run := send.Run{
		World: w, Delivery: delivery, Workers: 6, Now: time.Now,
		Sender: send.New(send.Options{
			Endpoints: r.Endpoints, Broker: messages, Client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 6}},
			RetryFor: 5 * time.Minute, Now: time.Now,
		}),
	}
	summary, err := run.Do(t.Context())
	require.NoError(t, err)
	require.Zero(t, summary.NotYet)
	return summary
}

// importHistory imports the file of the tills by the program that runs in the pod.
func importHistory(t *testing.T, r *rig.Rig, source *v1alpha1.TouchpointSource, w *world.World) *importer.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "till-history.csv")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, errors.Join(wire.Files[world.TillHistory](w, file), file.Close()))
	program, args, err := r.ImportCommand(source)
	require.NoError(t, err)
	content, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, content.Close()) }()
	result, err := client.Import(t.Context(), client.Options{
		File: content, Name: "till-history.csv", Import: "history",
		Run: func(ctx context.Context, in io.Reader, out io.Writer) error {
			cmd := exec.CommandContext(ctx, program, append([]string{"import"}, args...)...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, os.Stderr
			return cmd.Run()
		},
		Hello: func(*importer.Hello) {}, Progress: func(*importer.Result) {}, Waiting: func(string) {}, Note: func(string) {},
		Again: func(problem error) { t.Error(problem) },
	})
	require.NoError(t, err)
	require.EqualValues(t, 2, result.Refused, result.Refusals)
	return result
}
