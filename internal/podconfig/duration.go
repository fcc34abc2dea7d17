// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package podconfig

import (
	"fmt"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour,
}

// ParseDuration gives the length of a duration of the API. An empty one is zero.
func ParseDuration(d v1alpha1.Duration) (time.Duration, error) {
	if d == "" {
		return 0, nil
	}
	unit, ok := units[d[len(d)-1]]
	n, err := strconv.Atoi(string(d[:len(d)-1]))
	if !ok || err != nil || n <= 0 || n > 99999 {
		return 0, fmt.Errorf("duration %q: write a whole number from 1 to 99999 and one of s, m, h, d, w, such as 14d", string(d))
	}
	return time.Duration(n) * unit, nil
}

// Duration is ParseDuration for values that the API server has validated: the fallback serves an empty or a bad one.
func Duration(d v1alpha1.Duration, fallback time.Duration) time.Duration {
	if v, err := ParseDuration(d); err == nil && v > 0 {
		return v
	}
	return fallback
}
