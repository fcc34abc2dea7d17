// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"context"
	"strconv"
	"time"

	client "github.com/rabbitmq/amqp091-go"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

// Read implements pull.Reader.
func (r *reader) Read(ctx context.Context) (pull.Batch, error) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		ended := r.hasEnded()
		r.ahead = append(r.ahead, r.inbox.take()...)
		if len(r.ahead) > 0 {
			return r.batch()
		}
		if ended {
			return pull.Batch{}, explained(r.lost())
		}
		select {
		case <-ctx.Done():
			return pull.Batch{}, ctx.Err()
		case <-r.inbox.some:
		case <-r.inbox.ended:
		case <-ticker.C:
			if err := r.within(ctx, r.look); err != nil {
				return pull.Batch{}, explained(err)
			}
		}
	}
}

// hasEnded reports whether no more messages arrive.
func (r *reader) hasEnded() bool {
	select {
	case <-r.inbox.ended:
		return true
	default:
		return false
	}
}

// consume begins to read with the window, instead of the consumer before. Brokers do not change the window of a consumer.
func (r *reader) consume() error {
	if r.inbox != nil {
		if err := r.channel.Cancel(r.tag(), false); err != nil {
			return err
		}
		<-r.inbox.ended
		r.ahead = append(r.ahead, r.inbox.take()...)
	}
	if err := r.channel.Qos(r.window.prefetch, 0, false); err != nil {
		return err
	}
	r.consumers++
	from, err := r.channel.Consume(r.spec.Queue, r.tag(), false, false, false, false, nil)
	if err != nil {
		return err
	}
	r.inbox = newInbox(from)
	return nil
}

// tag of the current consumer.
func (r *reader) tag() string { return "journeyman-" + strconv.Itoa(r.consumers) }

// batch makes a batch of messages that have arrived.
func (r *reader) batch() (pull.Batch, error) {
	b := pull.Batch{}
	t := taken{refused: map[uint64]bool{}}
	for n := range r.ahead {
		if len(b.Candidates) >= pull.MaxRows || b.Bytes >= pull.MaxBytes {
			break
		}
		d := &r.ahead[n]
		if _, stream := d.Headers["x-stream-offset"]; stream {
			return pull.Batch{}, &pull.Error{Reason: pull.Misconfigured, Message: "the queue of spec.transport.amqp.queue is a stream, which keeps no position: " +
				"bind a quorum queue to the same exchange, and set its name"}
		}
		list := r.candidates(d)
		for range list {
			t.of = append(t.of, d.DeliveryTag)
		}
		b.Candidates = append(b.Candidates, list...)
		b.Bytes += int64(len(d.Body))
		t.largest = max(t.largest, int64(len(d.Body)))
		t.tags = append(t.tags, d.DeliveryTag)
	}
	r.ahead = r.ahead[len(t.tags):]
	b.Hold = func(ctx context.Context) error { return explained(r.within(ctx, r.hold)) }
	b.Refuse = t.refuse
	b.Settle = func(ctx context.Context, stored error) error {
		if stored == nil {
			return explained(r.within(ctx, func() error { return r.settle(&t) }))
		}
		return nil // The connection ends, and the broker delivers them again.
	}
	return b, nil
}

// taken are the messages of a batch.
type taken struct {
	// tags are those of the messages, and of those of the candidates: a message can have several.
	tags, of []uint64
	// refused are the messages of which something was refused.
	refused map[uint64]bool
	largest int64
}

func (t *taken) refuse(candidate int) { t.refused[t.of[candidate]] = true }

// hold looks whether the batch is still that of this pod: brokers deliver messages to another one if they are not acknowledged for long (30 minutes, for
// RabbitMQ), or the connection is lost.
func (r *reader) hold() error {
	if r.channel.IsClosed() {
		return r.lost()
	}
	return r.lookIfDue()
}

// settle acknowledges the messages of a batch that is stored. Those of which something was refused are rejected, so that the queue's dead letter
// exchange gets them, if it has one.
func (r *reader) settle(t *taken) error {
	accepted := uint64(0)
	for _, tag := range t.tags {
		if !t.refused[tag] {
			accepted = tag
			continue
		}
		if err := r.channel.Reject(tag, false); err != nil {
			return err
		}
	}
	// An acknowledgement of all up to a message that was rejected would end the channel.
	if accepted > 0 {
		if err := r.channel.Ack(accepted, true); err != nil {
			return err
		}
	}
	r.meter.settle(t.tags[len(t.tags)-1])
	if next, differs := r.window.next(len(t.tags), t.largest); differs {
		r.window.prefetch = next
		if err := r.consume(); err != nil {
			return err
		}
	}
	return r.lookIfDue()
}

func (r *reader) lookIfDue() error {
	r.mu.Lock()
	due := r.Now().Sub(r.lookedAt) >= lookEvery
	r.mu.Unlock()
	if due {
		return r.look()
	}
	return nil
}

// look asks how many messages are left.
func (r *reader) look() error {
	q, err := r.channel.QueueDeclarePassive(r.spec.Queue, false, false, false, false, nil)
	if err != nil {
		return err
	}
	lag := int64(q.Messages + r.meter.inFlight())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookedAt = r.Now()
	r.progress.Lag, r.progress.Partitions = &lag, 1
	if lag == 0 {
		r.progress.CaughtUpAt = r.lookedAt
	}
	return nil
}

// lost is why no more messages arrive.
func (r *reader) lost() error {
	if !r.channel.IsClosed() {
		return &pull.Error{Reason: pull.NotFound, Message: "the broker has ended the consumer: the queue was deleted, or its leader has moved"}
	}
	why := <-r.closed
	if why != nil && why.Server {
		return why
	}
	if err := r.meter.failure(); err != nil {
		return err
	}
	return client.ErrClosed
}
