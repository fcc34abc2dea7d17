// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/rest"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// asked are the cursors of the requests to a list of three pages with one record each.
type asked struct {
	mu   sync.Mutex
	list []string
	// broken is set while the second page cannot be read, and gone while it does not exist.
	broken, gone bool
}

func (a *asked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	cursor := r.URL.Query().Get("cursor")
	a.list = append(a.list, cursor)
	switch {
	case cursor == "":
		sendOne(w, 1, "b")
	case cursor == "b" && a.broken:
		w.WriteHeader(http.StatusInternalServerError)
	case cursor == "b" && a.gone:
		a.gone = false // The cursor of another poll is another one, even if it has the same letters.
		w.WriteHeader(http.StatusGone)
	case cursor == "b":
		sendOne(w, 2, "c")
	default:
		sendOne(w, 3, "")
	}
}

// fix makes the second page readable, and forgets what was asked.
func (a *asked) fix(gone bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.broken, a.gone, a.list = false, gone, nil
}

func (a *asked) first(n int) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string{}, a.list[:min(n, len(a.list))]...)
}

// A poll that is interrupted continues with its page, and begins again if the API does not know the cursor any more.
func TestAnInterruptedPoll(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gone bool
		want []string
	}{
		"continues":                     {false, []string{"b", "c"}},
		"begins again without its page": {true, []string{"b", "", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &asked{broken: true}
			s := faulty(t, a.ServeHTTP)
			p := pulltest.NewPod(t, s)
			stop := p.Run()
			p.Await(1)
			require.Eventually(t, func() bool { return len(a.first(2)) == 2 }, time.Minute, time.Millisecond, "the second page is asked for")
			stop()
			a.fix(c.gone)
			p.Run()
			p.Await(3)
			p.Check(3, !c.gone)
			require.Equal(t, c.want, a.first(len(c.want)))
		})
	}
}

// open opens a reader at a position.
func open(t *testing.T, s *system, position []byte) pull.Reader {
	t.Helper()
	spec := v1alpha1.TouchpointSourceSpec{Transport: s.Transport(), Mapping: pulltest.Rules()}
	r, err := rest.Kind.Open(t.Context(), pull.Settings{
		Spec: &spec, Files: s.Files(), MaxDocument: 1 << 20, Now: time.Now, Dial: new(net.Dialer).DialContext, Log: slog.New(slog.DiscardHandler),
		Cursors: func(context.Context) (store.Cursors, error) { return store.Cursors{{Position: position}}, nil },
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// read reads a batch, and settles it if it is stored.
func read(t *testing.T, r pull.Reader, stored bool) pull.Batch {
	t.Helper()
	b, err := r.Read(t.Context())
	require.NoError(t, err)
	require.Len(t, b.Moves, 1)
	if stored {
		require.NoError(t, b.Settle(t.Context(), nil))
	}
	return b
}

// A page that is larger than a batch is stored in several. The position passes the page with the last of them, so a crash in between repeats the page.
func TestAPageOfManyRecords(t *testing.T) {
	t.Parallel()
	all := strings.Join(pulltest.Documents(0, 12_000), ",")
	s := faulty(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("cursor") == "" {
			send(w, `{"data":[%s],"next":"b"}`, all)
			return
		}
		sendOne(w, 12_000, "")
	})
	r := open(t, s, nil)
	var positions []string
	for _, size := range []int{pull.MaxRows, pull.MaxRows, 2000} {
		b := read(t, r, true)
		require.Len(t, b.Candidates, size)
		positions = append(positions, string(b.Moves[0].Next))
	}
	require.Len(t, read(t, r, false).Candidates, 1, "the second page")
	require.Equal(t, positions[0], positions[1], "between the batches of a page, the position stays before it")
	require.NotEqual(t, positions[1], positions[2])
	for i, size := range []int{pull.MaxRows, pull.MaxRows, 1} {
		require.Len(t, read(t, open(t, s, []byte(positions[i])), false).Candidates, size, "after a crash behind batch %d", i+1)
	}

	p := pulltest.NewPod(t, s)
	p.Run()
	p.Await(12_001)
	p.Check(12_001, true)
}
