// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package importer_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files/record"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer/client"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

// faulty is a store in memory that can refuse.
type faulty struct {
	*memory.Store
	fail func(b store.Batch) error
}

func (f *faulty) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	if f.fail != nil {
		if err := f.fail(b); err != nil {
			return store.Appended{}, err
		}
	}
	return f.Store.Append(ctx, b)
}

func (f *faulty) events(t *testing.T) int64 {
	t.Helper()
	state, err := f.State(t.Context())
	require.NoError(t, err)
	return state.Health.Events
}

func snapshot(t *testing.T, to store.Appender, files v1alpha1.FilesTransport) *pipeline.Snapshot {
	t.Helper()
	s, err := pipeline.Build(&podconfig.Ingest{
		Version: podconfig.Version, Namespace: "shop", Name: "tills", UID: "u-1", Generation: 1, Store: podconfig.Store{URL: "https://store:8443"},
		Source: v1alpha1.TouchpointSourceSpec{
			StoreRef: v1alpha1.LocalReference{Name: "default"}, Channel: "store", Transport: v1alpha1.Transport{Files: &files},
			Mapping: []v1alpha1.MappingRule{{Event: &v1alpha1.EventMapping{
				Name: `"Seen"`, ID: `body.id`, Time: `"2026-03-01T10:00:00Z"`, Identities: map[string]v1alpha1.CELExpression{"loyaltyId": `body.who`},
				Properties: map[string]v1alpha1.CELExpression{"unit": `message[?"header"].orValue([{"who": "none"}])[0].who`},
			}}},
		},
	}, pipeline.Secrets{}, to)
	require.NoError(t, err)
	return s
}

// pod serves imports in this process.
type pod struct {
	snapshot *pipeline.Snapshot
	// cut ends the connection after so many bytes of the client; 0 for never.
	cut  int64
	runs int
}

func (p *pod) run(ctx context.Context, in io.Reader, out io.Writer) error {
	p.runs++
	if p.cut > 0 {
		in = io.LimitReader(in, p.cut)
	}
	return importer.Serve(ctx, p.snapshot, time.Now, in, out)
}

// call imports a text, and returns what was said.
func (p *pod) call(ctx context.Context, text string, dry bool) (*importer.Result, []string, error) {
	var mu sync.Mutex
	var said []string
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, fmt.Sprintf(format, args...))
	}
	r, err := client.Import(ctx, client.Options{
		Run: p.run, File: strings.NewReader(text), Name: "a.csv", Import: "march", DryRun: dry, FirstPause: time.Millisecond,
		Hello:    func(h *importer.Hello) { say("hello %s of %s", h.Source, h.Store) },
		Progress: func(r *importer.Result) { say("progress %d", r.Records) },
		Waiting:  func(why string) { say("waiting: %s", why) },
		Again:    func(problem error) { say("again: %v", problem) },
		Note:     func(remark string) { say("note: %s", remark) },
	})
	return r, said, err
}

func rows(n int) string {
	var b strings.Builder
	b.WriteString("id,who\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,K%d\n", i, i%50)
	}
	return b.String()
}

// A connection that always breaks at the same place gets further each time, because it resumes.
func TestResume(t *testing.T) {
	s := &faulty{Store: memory.New(identity.NewPolicy(nil))}
	p := &pod{snapshot: snapshot(t, s, v1alpha1.FilesTransport{}), cut: 100_000}
	r, said, err := p.call(t.Context(), rows(9500), false)
	require.NoError(t, err)
	require.Greater(t, p.runs, 3)
	require.EqualValues(t, 9500, r.Records)
	require.EqualValues(t, 9500, r.Stored+r.Known)
	require.EqualValues(t, 9500, r.Position)
	require.EqualValues(t, 9500, s.events(t))
	require.Equal(t, "hello tills of default", said[0])
	require.Equal(t, 1, strings.Count(strings.Join(said, "\n"), "hello"))
	require.Contains(t, said, "progress 2000")

	p.cut, p.runs = 2000, 0 // Not even one batch gets through.
	_, _, err = p.call(t.Context(), rows(9500), false)
	require.ErrorContains(t, err, "the connection to the pod broke")
	require.Equal(t, 6, p.runs)
}

func TestAnEventThatTheStoreRefusesCostsItsRecord(t *testing.T) {
	s := &faulty{Store: memory.New(identity.NewPolicy(nil))}
	s.fail = func(b store.Batch) error {
		for i := range b.Events {
			if id := b.Events[i].ID; id == "17" || id == "1800" {
				return fmt.Errorf("%w: evil", store.ErrInvalid)
			}
		}
		return nil
	}
	r, _, err := (&pod{snapshot: snapshot(t, s, v1alpha1.FilesTransport{})}).call(t.Context(), rows(2500), false)
	require.NoError(t, err)
	require.EqualValues(t, 2498, r.Stored)
	require.EqualValues(t, 2498, s.events(t))
	require.Equal(t, map[string]int64{reject.StoreRefused: 2}, r.Reasons)
	require.Equal(t, []string{"line 19", "line 1802"}, []string{r.Refusals[0].Where, r.Refusals[1].Where})
	state, err := s.State(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, state.Sources[0].Counters.Rejected[reject.StoreRefused].Count)
	require.EqualValues(t, 2498, state.Sources[0].Counters.Accepted)
}

func TestAStoreThatIsAway(t *testing.T) {
	s := &faulty{Store: memory.New(identity.NewPolicy(nil))}
	tries := 0
	s.fail = func(store.Batch) error {
		if tries++; tries < 3 {
			return store.ErrFull
		}
		return nil
	}
	p := &pod{snapshot: snapshot(t, s, v1alpha1.FilesTransport{})}
	r, said, err := p.call(t.Context(), rows(10), false)
	require.NoError(t, err)
	require.EqualValues(t, 10, r.Stored)
	require.Contains(t, said, "waiting: the store is full: see the condition StorageHealthy of the EventStore")

	s.fail = func(store.Batch) error { return store.ErrUnavailable }
	i, err := importer.New(importer.Options{Snapshot: p.snapshot, Now: time.Now, Patience: time.Nanosecond})
	require.NoError(t, err)
	_, err = i.Add(t.Context(), recordOf(1), 1)
	require.NoError(t, err)
	err = i.Flush(t.Context())
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.ErrorContains(t, err, "storing the records from line 2 to line 2: the store is not available")
}

// What is wrong with a file as a whole is said, and what is before it is stored.
func TestFilesThatAreWrong(t *testing.T) {
	s := &faulty{Store: memory.New(identity.NewPolicy(nil))}
	p := &pod{snapshot: snapshot(t, s, v1alpha1.FilesTransport{Header: &v1alpha1.FileHeader{Columns: []string{"id", "who", "when"}}})}
	_, _, err := p.call(t.Context(), rows(1), false)
	require.ErrorContains(t, err, "no line names the columns id, who, when")
	require.Equal(t, 1, p.runs)
	p.snapshot = snapshot(t, s, v1alpha1.FilesTransport{TimeZone: "Mars/Base"})
	_, _, err = p.call(t.Context(), rows(1), false)
	require.ErrorContains(t, err, "Mars/Base")
}

// Of a file that is damaged at its end, all that can be read is stored, also if the connection breaks before.
func TestAFileThatIsDamagedAtItsEnd(t *testing.T) {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(rows(5000)))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	for name, cut := range map[string]int64{"whole": 0, "breaks": 100_000} {
		s := &faulty{Store: memory.New(identity.NewPolicy(nil))}
		p := &pod{snapshot: snapshot(t, s, v1alpha1.FilesTransport{}), cut: cut}
		r, _, err := p.call(t.Context(), b.String()[:b.Len()-6], false)
		require.ErrorContains(t, err, "the file is truncated: download it again", name)
		require.Greater(t, r.Records, int64(4900), name)
		require.Equal(t, r.Records, r.Stored+r.Known, name)
		require.Equal(t, r.Records, s.events(t), name)
		require.Equal(t, cut > 0, p.runs > 1, name)
	}
}

// Rules see the further rows of the header.
func TestHeadersAreSent(t *testing.T) {
	s := &faulty{Store: memory.New(identity.NewPolicy(nil))}
	p := &pod{snapshot: snapshot(t, s, v1alpha1.FilesTransport{Header: &v1alpha1.FileHeader{Rows: 2}})}
	r, _, err := p.call(t.Context(), "id,who\nnumber,card\n1,K1\n", true)
	require.NoError(t, err)
	require.JSONEq(t, `{"unit":"card"}`, string(r.Examples[0].Properties))
	require.Zero(t, s.events(t))
}

func TestAPodThatStopsTalking(t *testing.T) {
	for answer, want := range map[string]string{
		"":                              "the connection to the pod broke: no such pod",
		"usage\n":                       "use kubectl journey of the version of the operator",
		`{"version":2}` + "\n":          "the pod speaks version 2 of the protocol, and this program version 1",
		`{"version":1,"new":1}` + "\n":  "what this program does not understand",
		`{"error":"no files"}` + "\n":   "no files",
		`{"version":1,"files":{"x":1}}`: "the connection to the pod broke",
	} {
		runs := 0
		_, err := client.Import(t.Context(), client.Options{
			Run: func(_ context.Context, _ io.Reader, out io.Writer) error {
				runs++
				_, err := io.WriteString(out, answer)
				return errors.Join(errors.New("no such pod"), err)
			},
			File: strings.NewReader(rows(1)), Note: func(string) {},
		})
		require.ErrorContains(t, err, want)
		require.Equal(t, 1, runs, "a pod that never said hello is not asked again")
	}
}

func recordOf(n int64) *record.Record {
	return &record.Record{Position: n, Line: int(n) + 1, Content: "c", Values: map[string]any{"id": "1", "who": "K1"}}
}
