// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// writable tells why nothing can be taken now. The commit lock is held.
func (s *Store) writable() error {
	if err := s.healthy(); err != nil {
		return err
	}
	if err := checkEpoch(s.fs, s.options.Dir, s.epoch); err != nil {
		s.setFault(err.Error())
		return unavailable(err.Error())
	}
	free, err := s.fs.Free(s.options.Dir)
	if err != nil {
		return unavailable(err.Error())
	}
	if free < s.options.MinFree {
		return fmt.Errorf("%w: %d bytes are free, %d are kept for sorting and erasing", store.ErrFull, free, s.options.MinFree)
	}
	if tail := s.tailBytes(); tail > s.options.MaxTailBytes {
		s.kick()
		return unavailable(fmt.Sprintf("%d bytes of log wait for being sorted, over %d", tail, s.options.MaxTailBytes))
	}
	return nil
}

func (s *Store) tailBytes() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tail.bytes
}

func (s *Store) setFault(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = why
	s.options.Logger.Error("the store is read-only", "why", why)
}
