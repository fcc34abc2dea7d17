// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// maxInflated is the memory that a producer's batch can take after decompression, and that after which the rest of a response waits for the next
	// one. By default, a batch has at most 1 MiB before.
	maxInflated = 32 << 20
	// perMessage is about the memory that the client needs for a message besides its bytes.
	perMessage = 256
	// leastMessage is the size of the smallest message after the number that says its size.
	leastMessage = 6
)

// errLater leaves the rest of a response for the next one.
var errLater = errors.New("the rest of the response is fetched again")

// decompressor limits the memory of each response. Whoever may write to a topic could otherwise stop the source for ever, with a batch of 1 MiB that
// becomes gigabytes. The client skips the batches for which it returns errLater, and fetches them again.
type decompressor struct {
	kgo.Decompressor
	// used is the memory of the latest response.
	used atomic.Int64
}

// newDecompressor uses the decompressor of a client, which has the client's limit.
func newDecompressor(client *kgo.Client) *decompressor {
	return &decompressor{Decompressor: client.OptValue(kgo.WithDecompressor).(kgo.Decompressor)}
}

// Decompress implements kgo.Decompressor.
func (d *decompressor) Decompress(src []byte, codec kgo.CompressionCodecType) ([]byte, error) {
	if d.used.Load() >= maxInflated {
		return nil, errLater
	}
	out, err := d.Decompressor.Decompress(src, codec)
	if err != nil {
		return nil, err
	}
	size := int64(len(out)) + perMessage*messages(out)
	if size > maxInflated {
		return nil, fmt.Errorf("%w: too many messages", kgo.ErrMaxDecompress)
	}
	d.used.Add(size)
	return out, nil
}

// OnBrokerRead implements kgo.HookBrokerRead. It is called before a response is decompressed.
func (d *decompressor) OnBrokerRead(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if key == int16(kmsg.Fetch) {
		d.used.Store(0)
	}
}

// messages returns the number of messages in a batch, without those after one that is damaged. It is 0 for the format before Kafka 0.11.
func messages(batch []byte) (n int64) {
	for ; len(batch) > 0; n++ {
		size, read := binary.Varint(batch)
		if read <= 0 || size < leastMessage || size > int64(len(batch)-read) {
			return n
		}
		batch = batch[read+int(size):]
	}
	return n
}
