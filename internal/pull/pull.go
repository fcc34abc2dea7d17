// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pull is the contract between ingestion and the systems from which it fetches documents: brokers, databases, files, APIs. Each kind of reader
// is a subfolder. It fetches and splits documents, and says what makes their position durable. Mapping by rules, privacy, limits on fields, storing,
// retries and suspension are the same for all: package internal/ingest/puller runs the readers.
package pull

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

const (
	// MaxRows is the number of candidates of one batch. One batch is one append.
	MaxRows = transport.MaxEvents
	// MaxBytes is the size of the documents of one batch. A batch can exceed it by one document, whose size is limited by Settings.MaxDocument.
	MaxBytes = 4 << 20
)

// Batch is what a reader fetched: documents, and what makes their position durable. It can be empty of candidates and only move cursors.
type Batch struct {
	// Candidates in the order of their partition. A poison message is a candidate with a rejection: it is counted with its reason, and does not stop the
	// rest. Unlike those of a request, the functions of a candidate can be called again, because a batch can be stored in parts.
	Candidates []transport.Candidate
	// Moves are the cursors that move in the same commit as the events, one for each partition; nil if the broker keeps the position. The runner sets Newest.
	Moves []store.Move
	// Partitions[i] is the index in Moves of the partition of candidate i. It can be nil if there is at most one move.
	Partitions []int
	// Gaps are documents that the source no longer had when they were due, or that are too large to fetch. They are counted and shown, in the same commit.
	Gaps []Gap
	// Bytes of the documents, as they were fetched.
	Bytes int64
	// Hold is called about every 5 seconds while the batch waits for the store, so that a broker does not deliver it again. An error drops the batch:
	// it belongs to somebody else now. It is nil if there is no deadline.
	Hold func(ctx context.Context) error
	// Refuse is called before Settle for each candidate of which something was refused, by its decoder, a rule or a limit, and is counted, so that a
	// broker can set its message aside. It can be nil.
	Refuse func(candidate int)
	// Settle is called once, after the events are durable (nil), or if the batch is dropped: a broker then acknowledges or delivers again. It can be nil.
	// An error of an acknowledgement ends the reader, which is opened again; the events are known then, and count once.
	Settle func(ctx context.Context, stored error) error
}

// Gap is a range of documents that cannot be read, such as messages that a broker removed by its retention before they were.
type Gap struct {
	// Count of documents; 1 if the number is unknown.
	Count int64
	// Message says what is missing and where: the partition, the first and the last position. It contains nothing of the documents.
	Message string
}

// Reader fetches. One goroutine calls Read and the functions of its batches; a batch is settled before the next Read.
type Reader interface {
	// Read blocks until there is a batch (at most MaxRows and about MaxBytes), ctx ends, or an error. It must not wait for more once it has something. An
	// error ends the reader: it is closed and, after a while, opened again. An *Error says what users can do.
	Read(ctx context.Context) (Batch, error)
	// Close releases connections and partitions. What is not settled is delivered again. It returns within a few seconds.
	Close() error
}

// Observed is implemented by readers that know their progress.
type Observed interface {
	// Progress returns the latest known values. It does not block, and is called by other goroutines.
	Progress() Progress
}

// Progress of a reader.
type Progress struct {
	// Lag is the number of documents (or files, rows) that the source has and that are not stored yet; nil if it is unknown.
	Lag *int64
	// LagBytes is their size, of readers of files; nil otherwise.
	LagBytes *int64
	// Partitions that this reader reads now; 0 if another pod reads them all.
	Partitions int
	// CaughtUpAt is when the reader last had nothing left to read; zero if it never had, or does not know.
	CaughtUpAt time.Time
}

// Dialer connects to an address, which is a host and a port.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Settings of a reader.
type Settings struct {
	// Spec of the source, completed by its preset.
	Spec *v1alpha1.TouchpointSourceSpec
	// Namespace, Name and UID of the source, for names of consumer groups and clients. Pod is the name of this process.
	Namespace, Name, UID, Pod string
	// Files are the contents of what podconfig.TransportFiles lists, by path. A missing Secret has no entry: the runner opens no reader before all
	// required ones are there. When one changes, the reader is closed and opened again.
	Files map[string][]byte
	// Cursors reads the positions of the source from the store. A reader whose cursors the store keeps continues from there, never from memory.
	Cursors func(ctx context.Context) (store.Cursors, error)
	// Dial connects by TCP. A reader makes no other connections, and passes names on as they are: addresses that the source may not reach are refused
	// when the connection is made, with an *Error.
	Dial Dialer
	// MaxDocument is the size of a document in bytes. Larger ones are poison: a rejection with the reason reject.BodyTooLarge.
	MaxDocument int64
	// Now is the clock.
	Now func() time.Time
	// Log must not get secrets or contents of documents.
	Log *slog.Logger
}

// Kind is an entry of the registry.
type Kind struct {
	// Name of the transport, as returned by v1alpha1.Transport.Chosen.
	Name string
	// Check returns what is wrong with the settings without connecting; it can be nil. The pod then keeps its previous configuration.
	Check func(spec *v1alpha1.TouchpointSourceSpec) error
	// Open connects and returns a reader. It is called again after each error, with growing pauses.
	Open func(ctx context.Context, s Settings) (Reader, error)
}
