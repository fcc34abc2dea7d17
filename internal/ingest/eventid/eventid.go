// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package eventid gives events their ids, by one rule for all transports. An event has the id that its sender gave. Without one, an event
// whose time is its own is known by the content of its document, so that the document may be sent again. An event whose time is that of
// its receipt is new with each receipt: two equal documents are two events then, and so is a document that is sent again.
package eventid

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// Request gives the ids of one request. The zero value is ready to use. It is not safe for concurrent use.
type Request struct {
	// equal counts the documents so far by content.
	equal map[string]int
	// receipt names the request; empty until an event needs it. receipts counts the events that did.
	receipt  string
	receipts int
}

// Document is one document of a request.
type Document struct {
	request *Request
	given   string
	hash    func() (string, *reject.Rejection)
	content string
}

// Document gives the next document of the request. given is the id by its sender, empty for none; hash gives that of its content, and is
// called once at most, when an event needs it.
func (r *Request) Document(given string, hash func() (string, *reject.Rejection)) *Document {
	return &Document{request: r, given: given, hash: hash}
}

// Set fills in the id of an event of the document whose time and its source are known, unless a rule has given one. place tells apart
// the events that one document gives; it is negative when there is but one. received tells that the id stands for the receipt alone.
func (d *Document) Set(e *event.Event, place int) (received bool, _ *reject.Rejection) {
	switch {
	case e.ID != "":
		return false, nil
	case d.given != "":
		e.ID = d.given
	case e.TimeSource == event.TimeFromReceipt:
		e.ID = d.request.next()
		return true, nil
	default:
		if r := d.known(); r != nil {
			return false, r
		}
		e.ID = d.content
	}
	if place >= 0 {
		e.ID += "#" + strconv.Itoa(place)
	}
	return false, nil
}

// known finds out the content, and the ordinal of the document among equal ones of the request.
func (d *Document) known() *reject.Rejection {
	if d.content != "" {
		return nil
	}
	content, rejection := d.hash()
	if rejection != nil {
		return rejection
	}
	r := d.request
	if r.equal == nil {
		r.equal = map[string]int{}
	}
	r.equal[content]++
	if n := r.equal[content]; n > 1 {
		content += "~" + strconv.Itoa(n)
	}
	d.content = content
	return nil
}

// next gives an id that no other receipt has.
func (r *Request) next() string {
	if r.receipt == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // it never fails: the program ends instead
		r.receipt = "receipt:" + hex.EncodeToString(b[:])
	}
	r.receipts++
	return r.receipt + "." + strconv.Itoa(r.receipts)
}
