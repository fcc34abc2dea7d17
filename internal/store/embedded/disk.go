// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import "fmt"

// writable tells why nothing can be taken now. The commit lock is held.
func (s *Store) writable() error {
	if err := s.volume.Healthy(); err != nil {
		return err
	}
	if err := s.volume.CheckEpoch(); err != nil {
		return unavailable(err.Error())
	}
	if err := s.volume.Room(); err != nil {
		return err
	}
	if tail := s.tailBytes(); tail > s.options.MaxTailBytes {
		s.kick()
		return unavailable(fmt.Sprintf("%d bytes of log wait for being sorted, over %d", tail, s.options.MaxTailBytes))
	}
	return nil
}

func (s *Store) tailBytes() int64 { return s.memtable.Bytes() }
