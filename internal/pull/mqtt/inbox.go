// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import (
	"sync"

	"github.com/eclipse/paho.golang/paho"
)

const (
	// mostHeld is the size of messages that arrived and are not settled. At about this size, nothing is read from the connection.
	mostHeld = 32 << 20
	// perMessage is what a message takes next to its texts, about.
	perMessage = 512
)

// inbox takes messages as they arrive, so that a batch is all that is there, and counts their size.
type inbox struct {
	// some has an element if there may be something to take, and room if something was settled.
	some, room chan struct{}

	mu   sync.Mutex
	list []*paho.Publish
	held int64
}

func newInbox() *inbox {
	return &inbox{some: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

func (i *inbox) put(p *paho.Publish) {
	i.mu.Lock()
	i.list = append(i.list, p)
	i.held += sizeOf(p)
	i.mu.Unlock()
	signal(i.some)
}

// take returns what has arrived.
func (i *inbox) take() []*paho.Publish {
	i.mu.Lock()
	defer i.mu.Unlock()
	list := i.list
	i.list = nil
	return list
}

// settle forgets the size of messages.
func (i *inbox) settle(list []*paho.Publish) {
	i.mu.Lock()
	for _, p := range list {
		i.held -= sizeOf(p)
	}
	i.mu.Unlock()
	signal(i.room)
}

// isFull reports whether no more messages may arrive now.
func (i *inbox) isFull() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.held >= mostHeld
}

// sizeOf is what a message takes in memory.
func sizeOf(p *paho.Publish) int64 {
	n := perMessage + len(p.Payload) + len(p.Topic)
	if p.Properties != nil {
		for _, u := range p.Properties.User {
			n += len(u.Key) + len(u.Value)
		}
	}
	return int64(n)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
