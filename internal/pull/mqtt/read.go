// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import (
	"context"

	"github.com/eclipse/paho.golang/paho"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

// Read implements pull.Reader.
func (r *reader) Read(ctx context.Context) (pull.Batch, error) {
	for {
		ended := r.hasEnded()
		r.ahead = append(r.ahead, r.inbox.take()...)
		if len(r.ahead) > 0 && !ended {
			b, taken := r.batch()
			if len(b.Candidates) > 0 {
				return b, nil
			}
			if err := r.settle(taken); err != nil {
				return pull.Batch{}, explained(err)
			}
			continue
		}
		if ended {
			// What is ahead cannot be acknowledged any more, and is delivered again.
			return pull.Batch{}, explained(r.lost())
		}
		select {
		case <-ctx.Done():
			return pull.Batch{}, ctx.Err()
		case <-r.inbox.some:
		case <-r.ended:
		}
	}
}

// hasEnded reports whether no more messages arrive.
func (r *reader) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// batch makes a batch of messages that have arrived, and returns them.
func (r *reader) batch() (b pull.Batch, taken []*paho.Publish) {
	for _, p := range r.ahead {
		if len(b.Candidates) >= pull.MaxRows || b.Bytes >= pull.MaxBytes {
			break
		}
		taken = append(taken, p)
		if !r.concerns(p) {
			continue
		}
		b.Candidates = append(b.Candidates, r.candidates(p)...)
		b.Bytes += int64(len(p.Payload))
	}
	r.ahead = r.ahead[len(taken):]
	b.Hold = func(context.Context) error {
		if r.hasEnded() {
			return explained(r.lost())
		}
		return nil
	}
	b.Settle = func(_ context.Context, stored error) error {
		if stored == nil {
			return explained(r.settle(taken))
		}
		return nil // The connection ends, and the broker delivers them again.
	}
	return b, taken
}

// concerns reports whether a message is for the source. A session keeps subscriptions to topics that the source had before, and their messages. The
// retained message of a topic is no event that has just happened.
func (r *reader) concerns(p *paho.Publish) bool {
	if p.Retain {
		return false
	}
	for _, t := range r.spec.Topics {
		if matches(string(t), p.Topic) {
			return true
		}
	}
	if !r.foreign {
		r.foreign = true
		r.Log.Warn("messages of topics that spec.transport.mqtt.topics does not have are left out: the session has an earlier subscription")
	}
	return false
}

// settle acknowledges messages, in the order in which they arrived.
func (r *reader) settle(taken []*paho.Publish) error {
	var failed error
	err := r.link.together(func() {
		for _, p := range taken {
			if p.QoS == 0 {
				continue
			}
			if err := r.session.State.Ack(p.Packet()); err != nil && failed == nil {
				failed = err
			}
		}
	})
	r.inbox.settle(taken)
	if failed != nil {
		return failed
	}
	return err
}
