// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package resources builds the child objects of the four kinds as apply configurations. The builders are pure functions, without client and clock:
// equal arguments give equal objects. Fields that a builder does not set belong to others, such as the API server's defaults or an autoscaler.
package resources
