// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"sync"

	client "github.com/rabbitmq/amqp091-go"
)

// inbox takes the messages of a consumer as they arrive, so that a batch is all that is there.
type inbox struct {
	// some has an element if there may be something to take.
	some chan struct{}
	// ended is closed when the consumer has ended and all its messages are there.
	ended chan struct{}

	mu   sync.Mutex
	list []client.Delivery
}

func newInbox(from <-chan client.Delivery) *inbox {
	i := &inbox{some: make(chan struct{}, 1), ended: make(chan struct{})}
	go i.fill(from)
	return i
}

func (i *inbox) fill(from <-chan client.Delivery) {
	defer close(i.ended)
	for d := range from {
		i.mu.Lock()
		i.list = append(i.list, d)
		i.mu.Unlock()
		select {
		case i.some <- struct{}{}:
		default:
		}
	}
}

// take returns what has arrived.
func (i *inbox) take() []client.Delivery {
	i.mu.Lock()
	defer i.mu.Unlock()
	list := i.list
	i.list = nil
	return list
}
