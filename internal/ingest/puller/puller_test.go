// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package puller_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// ledger is a system with one list of documents for each partition, whose positions are in the store.
type ledger struct {
	mu        sync.Mutex
	documents map[string][]string
	gaps      []pull.Gap
	atOnce    int
	openErr   error

	opened, closed, holds int
	settled               []error
	// refused are the indexes in their batches of the documents of which something was refused.
	refused []int
	more    chan struct{}
}

func newLedger() *ledger {
	return &ledger{documents: map[string][]string{}, atOnce: 3, more: make(chan struct{}, 1)}
}

func (l *ledger) add(partition string, documents ...string) {
	l.mu.Lock()
	l.documents[partition] = append(l.documents[partition], documents...)
	l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
}

func (l *ledger) kind() pull.Kind { return pull.Kind{Name: "ledger", Open: l.open} }

func (l *ledger) open(ctx context.Context, s pull.Settings) (pull.Reader, error) {
	cursors, err := s.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opened++
	if l.openErr != nil {
		return nil, l.openErr
	}
	at := map[string]int{}
	for _, c := range cursors {
		at[c.Partition], _ = strconv.Atoi(string(c.Position))
	}
	return &ledgerReader{ledger: l, at: at}, nil
}

type ledgerReader struct {
	*ledger
	at map[string]int
}

func (r *ledgerReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed++
	return nil
}

func (r *ledgerReader) Read(ctx context.Context) (pull.Batch, error) {
	for {
		if b := r.next(); len(b.Candidates)+len(b.Gaps) > 0 {
			return b, nil
		}
		select {
		case <-ctx.Done():
			return pull.Batch{}, ctx.Err()
		case <-r.more:
		}
	}
}

func (r *ledgerReader) next() pull.Batch {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := pull.Batch{
		Gaps: r.gaps,
		Hold: func(context.Context) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.holds++
			return nil
		},
		Refuse: func(i int) { r.refused = append(r.refused, i) },
		Settle: func(_ context.Context, stored error) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.settled = append(r.settled, stored)
			return nil
		},
	}
	r.gaps = nil
	for _, p := range []string{"a", "b"} {
		from := r.at[p]
		to := min(from+r.atOnce, len(r.documents[p]))
		if from == to {
			continue
		}
		m := store.Move{Partition: p, Next: []byte(strconv.Itoa(to))}
		if from > 0 {
			m.Expected = []byte(strconv.Itoa(from))
		}
		for i := from; i < to; i++ {
			b.Candidates = append(b.Candidates, candidate(p, i, r.documents[p][i]))
			b.Partitions = append(b.Partitions, len(b.Moves))
		}
		b.Moves = append(b.Moves, m)
		r.at[p] = to
	}
	return b
}

// start is the time of the first document, before that of synctest; each is a minute later than the one before.
var start = time.Date(1999, 11, 21, 10, 0, 0, 0, time.UTC)

func candidate(partition string, i int, text string) transport.Candidate {
	if text == "poison" {
		return transport.Candidate{Rejection: transport.NotJSON("")}
	}
	return transport.Candidate{
		ID: fmt.Sprintf("%s/%d", partition, i), HasTime: true, Time: start.Add(time.Duration(i) * time.Minute).UnixMicro(), TimeSource: event.TimeFromEvent,
		Body:    func() (any, error) { return map[string]any{"name": text}, nil },
		Message: func() map[string]any { return map[string]any{"partition": partition} },
		Headers: map[string]string{"kind": "h", "authorization": "never"},
	}
}

// podMemory is the memory of the pod.
const podMemory = 400 << 20

// pod is a runner of a source, its store, and what can be changed of both.
type pod struct {
	*testing.T
	ledger *ledger
	store  *faulty
	runner *puller.Runner
	config podconfig.Ingest
	kind   pull.Kind
	stop   context.CancelFunc
	ended  chan struct{}
	// durable are the names of the events that the runner says are stored.
	durable []string
}

// faulty is a store in memory that can fail.
type faulty struct {
	*memory.Store
	mu    sync.Mutex
	fail  func(b store.Batch) error
	calls []store.Batch
}

func (f *faulty) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	f.mu.Lock()
	f.calls = append(f.calls, b)
	fail := f.fail
	f.mu.Unlock()
	if fail != nil {
		if err := fail(b); err != nil {
			return store.Appended{}, err
		}
	}
	return f.Store.Append(ctx, b)
}

func (f *faulty) set(fail func(store.Batch) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

func newPod(t *testing.T, rules ...v1alpha1.MappingRule) *pod {
	t.Helper()
	if rules == nil {
		rules = []v1alpha1.MappingRule{{Event: &v1alpha1.EventMapping{
			Name: `body.name + headers.kind + message.partition + (has(headers.authorization) ? "!" : "")`, Identities: map[string]v1alpha1.CELExpression{"customerId": `"c-1"`},
		}}}
	}
	p := &pod{T: t, ledger: newLedger(), store: &faulty{Store: memory.New(identity.Policy{})}, ended: make(chan struct{})}
	p.kind = p.ledger.kind()
	p.config = podconfig.Ingest{Namespace: "shop", Name: "till", UID: "u-1", Generation: 1,
		Source: v1alpha1.TouchpointSourceSpec{Channel: "store", Mapping: rules}}
	p.runner = puller.New(puller.Options{
		Memory: budget.New(podMemory), Pod: "till-1", Log: slog.New(slog.DiscardHandler),
		Stored: func(events []event.Event, _ store.Counters) {
			for i := range events {
				p.durable = append(p.durable, events[i].Name)
			}
		},
	})
	return p
}

func (p *pod) use() {
	p.Helper()
	c := p.config
	s := &pipeline.Snapshot{Config: &c, Kind: p.kind.Name, Puller: p.kind, Appender: p.store, MaxBody: 1 << 20, Drop: pipeline.NewDropList(nil)}
	var err error
	s.Rules, err = mapping.Compile(c.Source.Mapping)
	require.NoError(p, err)
	s.SetNobody(nil)
	p.runner.Use(s)
}

// run starts the runner; the test ends it.
func (p *pod) run() {
	p.Helper()
	ctx, stop := context.WithCancel(p.Context())
	p.stop = stop
	p.use()
	go func() {
		p.runner.Run(ctx)
		close(p.ended)
	}()
	p.Cleanup(func() {
		stop()
		<-p.ended
	})
	synctest.Wait()
}

func (p *pod) source() store.SourceState {
	p.Helper()
	state, err := p.store.State(context.Background())
	require.NoError(p, err)
	require.Len(p, state.Sources, 1)
	return state.Sources[0]
}

func (p *pod) cursors() string {
	p.Helper()
	list, err := p.store.Cursors(context.Background(), "till")
	require.NoError(p, err)
	var out []string
	for _, c := range list {
		out = append(out, c.Partition+"="+string(c.Position)+"@"+time.UnixMicro(c.Newest).UTC().Format("15:04"))
	}
	return strings.Join(out, " ")
}

// events returns the names of stored events, in the order of their appends, from the calls that succeeded.
func (p *pod) names() (out []string) {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	for _, b := range p.store.calls {
		for i := range b.Events {
			out = append(out, b.Events[i].Name)
		}
	}
	return out
}

func TestBatchesMoveCursorsWithTheirEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.ledger.add("a", "A", "poison", "C", "D")
		p.ledger.add("b", "B")
		p.ledger.gaps = []pull.Gap{{Count: 7, Message: "partition a: 7 documents were removed"}}
		p.run()
		require.Equal(t, "a=4@10:03 b=1@10:00", p.cursors())
		require.Equal(t, []string{"Aha", "Cha", "Bhb", "Dha"}, p.names(), "headers without credentials, and the message, are there for rules")
		s := p.source()
		require.EqualValues(t, 4, s.Counters.Accepted)
		require.Equal(t, map[string]store.Rejection{
			reject.BadJSON: {Count: 1, Example: "not valid JSON in UTF-8"}, reject.Missed: {Count: 7, Example: "partition a: 7 documents were removed"},
		}, s.Counters.Rejected)
		require.Equal(t, []error{nil, nil}, p.ledger.settled)
		require.Equal(t, []int{1}, p.ledger.refused)
		state := p.runner.State()
		require.True(t, state.Reading)
		require.EqualValues(t, 5, state.Documents)
		require.EqualValues(t, 7, state.Missed)
		require.Nil(t, state.Problem)
	})
}

// While the store accepts nothing, the batch waits, is held, and nothing further is read.
func TestNothingIsReadWhileTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.store.set(func(store.Batch) error { return store.ErrFull })
		p.ledger.add("a", "A", "B", "C", "D")
		p.run()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		state := p.runner.State()
		require.EqualValues(t, 3, state.Documents)
		require.Equal(t, pull.StoreUnavailable, state.Problem.Reason)
		require.Contains(t, state.Problem.Message, "StorageHealthy")
		require.Equal(t, 10*time.Minute, state.Problem.LastTime.Sub(state.Problem.Since).Round(time.Minute))
		require.Greater(t, p.ledger.holds, 100)
		require.Empty(t, p.ledger.settled)
		require.Equal(t, 1, p.ledger.opened)
		p.store.set(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, "a=4@10:03", p.cursors())
		require.EqualValues(t, 4, p.source().Counters.Accepted)
		require.Nil(t, p.runner.State().Problem)
	})
}

// An append that repeats events of a load waits until the load has ended, and says so.
func TestABatchWithEventsOfALoadWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.store.set(func(store.Batch) error { return &store.HeldError{Held: []int32{1}, Why: "load till-2025"} })
		p.ledger.add("a", "A", "B", "C")
		p.run()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		state := p.runner.State()
		require.Equal(t, pull.StoreUnavailable, state.Problem.Reason)
		require.Contains(t, state.Problem.Message, "a load that is being committed")
		require.Empty(t, p.ledger.settled)
		p.store.set(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, "a=3@10:02", p.cursors())
		require.EqualValues(t, 3, p.source().Counters.Accepted)
		require.Nil(t, p.runner.State().Problem)
	})
}

// The answer of an append is lost: it is sent again, and counts once.
func TestALostAnswerCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		lost := false
		p.store.set(func(b store.Batch) error {
			if lost {
				return nil
			}
			lost = true
			_, err := p.store.Store.Append(context.Background(), b)
			return errors.Join(store.ErrUnavailable, err)
		})
		p.ledger.add("a", "A", "poison")
		p.run()
		time.Sleep(time.Minute)
		synctest.Wait()
		s := p.source()
		require.EqualValues(t, 1, s.Counters.Accepted)
		require.EqualValues(t, 1, s.Counters.Rejected[reject.BadJSON].Count)
		require.Equal(t, "a=2@10:00", p.cursors())
		require.Equal(t, []error{nil}, p.ledger.settled)
	})
}

// Another reader has moved the cursor: the batch is dropped, the positions are read again, and nothing counts twice.
func TestAReaderThatWasReplacedStoresNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.run()
		_, err := p.store.Append(t.Context(), store.Batch{Source: "till", Moves: []store.Move{{Partition: "a", Next: []byte("2")}}})
		require.NoError(t, err)
		p.ledger.add("a", "A", "B", "C")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2, p.ledger.opened)
		require.ErrorIs(t, p.ledger.settled[0], store.ErrCursorMoved)
		require.EqualValues(t, 1, p.source().Counters.Accepted)
		require.Equal(t, "a=3@10:02", p.cursors())
		require.Nil(t, p.runner.State().Problem)
	})
}

func TestAStopFinishesTheAppendInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.store.set(func(store.Batch) error {
			time.Sleep(3 * time.Second)
			return nil
		})
		p.ledger.add("a", "A", "B", "C", "D")
		p.run()
		p.stop()
		<-p.ended
		require.Equal(t, "a=3@10:02", p.cursors(), "the batch in hand is there, and no other")
		require.Equal(t, []error{nil}, p.ledger.settled)
		require.Equal(t, 1, p.ledger.closed)
	})
}

func TestAStopDropsABatchThatTheStoreDoesNotAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.store.set(func(store.Batch) error { return store.ErrUnavailable })
		p.ledger.add("a", "A")
		p.run()
		p.stop()
		<-p.ended
		require.ErrorIs(t, p.ledger.settled[0], context.Canceled, "the broker delivers it again")
		require.Equal(t, 1, p.ledger.closed)
	})
}

// A new mapping applies to the next batch of the same reader.
func TestANewMappingKeepsThePosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.ledger.add("a", "A")
		p.run()
		p.config.Generation = 2
		p.config.Source.Mapping = []v1alpha1.MappingRule{{Event: &v1alpha1.EventMapping{
			Name: `"new " + body.name`, Identities: map[string]v1alpha1.CELExpression{"customerId": `"c-1"`},
		}}}
		p.use()
		synctest.Wait()
		p.ledger.add("a", "B")
		synctest.Wait()
		require.Equal(t, []string{"Aha", "new B"}, p.names())
		require.Equal(t, 1, p.ledger.opened)
		p.config.Source.Transport.Webhook = &v1alpha1.WebhookTransport{} // any other transport
		p.use()
		synctest.Wait()
		require.Equal(t, 2, p.ledger.opened)
		require.Nil(t, p.runner.State().Problem)
	})
}

func TestASuspendedSourceDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		suspended := true
		p.config.Source.Suspend = &suspended
		p.ledger.add("a", "A")
		p.run()
		require.Zero(t, p.ledger.opened)
		require.Equal(t, "the source is suspended", p.runner.State().Waiting)
		p.config.Source.Suspend = nil
		p.use()
		synctest.Wait()
		require.Equal(t, "a=1@10:00", p.cursors())
		p.config.Source.Suspend = &suspended
		p.use()
		p.ledger.add("a", "B")
		synctest.Wait()
		require.Equal(t, "a=1@10:00", p.cursors())
		require.Equal(t, 1, p.ledger.closed)
		require.False(t, p.runner.State().Reading)
	})
}

func TestAReaderThatFailsIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.ledger.openErr = &pull.Error{Reason: pull.Unauthorized, Message: "the broker refuses the password", Cause: errors.New("SASL")}
		p.ledger.add("a", "A")
		p.run()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		state := p.runner.State()
		require.Equal(t, pull.Unauthorized, state.Problem.Reason)
		require.Equal(t, "the broker refuses the password", state.Problem.Message)
		require.Less(t, p.ledger.opened, 20, "pauses grow")
		p.ledger.mu.Lock()
		p.ledger.openErr = nil
		p.ledger.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, "a=1@10:00", p.cursors())
		require.Nil(t, p.runner.State().Problem)
	})
}

// Events that the store refuses as invalid are set aside one by one, and do not stop the source.
func TestAnEventThatTheStoreRefusesIsSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.ledger.atOnce = 10
		p.store.set(func(b store.Batch) error {
			for i := range b.Events {
				if b.Events[i].Name == "badha" {
					return store.ErrInvalid
				}
			}
			return nil
		})
		p.ledger.add("a", "A", "B", "bad", "C", "D", "bad", "E")
		p.run()
		require.Equal(t, []string{"Aha", "Bha", "Cha", "Dha", "Eha"}, p.durable)
		s := p.source()
		require.EqualValues(t, 5, s.Counters.Accepted)
		require.EqualValues(t, 2, s.Counters.Rejected[reject.StoreRefused].Count)
		require.Equal(t, "a=7@10:06", p.cursors())
	})
}

// Events that are too large for one append are stored in parts. Counters and cursor move with the last one.
func TestLargeEventsAreStoredInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t, v1alpha1.MappingRule{ForEach: "[0,1,2,3,4,5,6,7,8,9].map(i, body.name)", Event: &v1alpha1.EventMapping{
			Name: `"A"`, Identities: map[string]v1alpha1.CELExpression{"customerId": `"c-1"`}, Properties: map[string]v1alpha1.CELExpression{"p": "item"},
		}})
		p.ledger.atOnce = 200
		for range 200 {
			p.ledger.add("a", strings.Repeat("x", 20<<10))
		}
		p.run()
		require.Equal(t, "a=200@13:19", p.cursors())
		require.EqualValues(t, 2000, p.source().Counters.Accepted)
		require.Greater(t, len(p.store.calls), 2)
		for i, b := range p.store.calls {
			require.Equal(t, i == len(p.store.calls)-1, len(b.Moves) > 0)
			require.Equal(t, len(b.Moves) > 0, b.Counters.Accepted == 2000)
		}
		require.Len(t, p.ledger.settled, 1)
	})
}

// A batch can take all memory for documents. Each of its documents is stored nevertheless.
func TestADocumentThatFitsByItselfIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		read := false
		p.useBad(&bad{read: func(ctx context.Context) (pull.Batch, error) {
			if read {
				<-ctx.Done()
				return pull.Batch{}, ctx.Err()
			}
			read = true
			return pull.Batch{
				Candidates: []transport.Candidate{candidate("a", 0, "A"), candidate("a", 1, "poison"), candidate("a", 2, "C")},
				Bytes:      podMemory/5 + budget.SmallBytes,
			}, nil
		}})
		require.Equal(t, []string{"Aha", "Cha"}, p.durable)
		require.EqualValues(t, 2, p.source().Counters.Accepted)
		require.EqualValues(t, 1, p.source().Counters.Rejected[reject.BadJSON].Count)
		require.Len(t, p.source().Counters.Rejected, 1)
	})
}

func TestTheRateOfTheSourceIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPod(t)
		p.ledger.atOnce = 100
		one := int32(1)
		p.config.Source.Limits = &v1alpha1.SourceLimits{MaxEventsPerSecond: &one}
		for range 10_000 {
			p.ledger.add("a", "A")
		}
		p.run()
		time.Sleep(time.Hour)
		synctest.Wait()
		stored := p.source().Counters.Accepted
		require.Greater(t, stored, int64(5000))
		require.LessOrEqual(t, stored, int64(pull.MaxRows+3600), "a burst, and one a second")
	})
}
