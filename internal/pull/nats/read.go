// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// overhead of a message in the count of the server: subjects and headers.
const overhead = 64 << 10

// Read implements pull.Reader. A pull request stays open between two calls, so that messages that arrive in the meantime need no request of their own.
// All its messages together are no more than one batch.
func (r *reader) Read(ctx context.Context) (pull.Batch, error) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		r.take()
		if len(r.ahead) > 0 {
			return r.batch(), nil
		}
		if err := r.ask(); err != nil {
			return pull.Batch{}, explained(err)
		}
		select {
		case <-ctx.Done():
			return pull.Batch{}, ctx.Err()
		case <-r.closed:
			return pull.Batch{}, explained(r.lost())
		case <-ticker.C:
			if err := r.look(ctx); err != nil {
				return pull.Batch{}, explained(err)
			}
		case m, more := <-r.request.Messages():
			if more {
				r.ahead = append(r.ahead, m)
				continue
			}
			err := r.request.Error()
			r.request = nil
			if err != nil {
				return pull.Batch{}, explained(err)
			}
		}
	}
}

// ask sends a pull request, unless one is in progress.
func (r *reader) ask() (err error) {
	if r.request == nil {
		// A message that is larger than what was asked for would never be delivered, and stop the source.
		most := max(pull.MaxBytes, int(r.conn.MaxPayload())) + overhead
		r.request, err = r.consumer.Fetch(pull.MaxRows, jetstream.FetchMaxBytes(most), jetstream.FetchContext(r.life))
	}
	return err
}

// take takes what the pull request has received, without waiting.
func (r *reader) take() {
	for r.request != nil {
		select {
		case m, more := <-r.request.Messages():
			if !more {
				if r.request.Error() == nil {
					r.request = nil
				}
				return // Read returns the error, after the messages.
			}
			r.ahead = append(r.ahead, m)
		default:
			return
		}
	}
}

// batch makes a batch of messages that were received.
func (r *reader) batch() pull.Batch {
	b := pull.Batch{}
	n := 0
	for n < len(r.ahead) && len(b.Candidates) < pull.MaxRows && b.Bytes < pull.MaxBytes {
		m := r.ahead[n]
		b.Bytes += int64(len(m.Data()))
		b.Candidates = append(b.Candidates, r.candidates(m)...)
		n++
	}
	taken := r.ahead[:n:n]
	r.ahead = r.ahead[n:]
	b.Hold = func(ctx context.Context) error { return r.hold(ctx, taken) }
	b.Settle = func(ctx context.Context, stored error) error { return r.settle(ctx, taken, stored) }
	return b
}

// hold asks the server to wait on, for the batch and for what was read ahead.
func (r *reader) hold(ctx context.Context, taken []jetstream.Msg) error {
	r.take()
	for _, list := range [][]jetstream.Msg{taken, r.ahead} {
		for _, m := range list {
			if err := m.InProgress(); err != nil {
				return explained(err)
			}
		}
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := r.conn.FlushWithContext(within); err != nil {
		return explained(err)
	}
	return explained(r.lookIfDue(ctx))
}

// settle acknowledges the messages of a batch, or lets them be delivered again. The server confirms the last acknowledgement, and has the others then.
func (r *reader) settle(ctx context.Context, taken []jetstream.Msg, stored error) error {
	last := len(taken) - 1
	for i, m := range taken {
		acknowledge := m.Ack
		switch {
		case stored != nil:
			acknowledge = m.Nak
		case i == last:
			acknowledge = func() error { return m.DoubleAck(ctx) }
		}
		if err := acknowledge(); err != nil {
			return explained(err)
		}
	}
	return explained(r.lookIfDue(ctx))
}

func (r *reader) lookIfDue(ctx context.Context) error {
	r.mu.Lock()
	due := r.Now().Sub(r.lookedAt) >= lookEvery
	r.mu.Unlock()
	if due {
		return r.look(ctx)
	}
	return nil
}

// look asks how many messages are left, for all pods together.
func (r *reader) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	info, err := r.consumer.Info(ctx)
	if err != nil {
		return err
	}
	lag := int64(info.NumPending) + int64(info.NumAckPending)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookedAt = r.Now()
	r.progress.Lag, r.progress.Partitions = &lag, 1
	if lag == 0 {
		r.progress.CaughtUpAt = r.lookedAt
	}
	return nil
}

// candidates of a message. Its id is the one by which the server recognises messages that are published twice, or its place in the stream.
func (r *reader) candidates(m jetstream.Msg) []transport.Candidate {
	meta, err := m.Metadata()
	if err != nil {
		return []transport.Candidate{{Rejection: transport.NotJSON("metadata")}}
	}
	headers := make(map[string]string, len(m.Headers()))
	for name, values := range m.Headers() {
		if len(values) > 0 {
			headers[strings.ToLower(message.Text(name))] = message.Text(values[0])
		}
	}
	return r.decode.Candidates(&message.Message{
		Body: m.Data(), ID: headers[strings.ToLower(jetstream.MsgIDHeader)], Place: r.origin + strconv.FormatUint(meta.Sequence.Stream, 10),
		Time: meta.Timestamp, Headers: headers,
		Where: func() map[string]any {
			return map[string]any{
				"stream": meta.Stream, "subject": message.Text(m.Subject()), "timestamp": meta.Timestamp,
				"sequence": int64(meta.Sequence.Stream),
			}
		},
	})
}
