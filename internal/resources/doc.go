// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package resources builds the child objects of the four kinds as apply configurations. The builders are pure: no
// client, no clock; what they need comes in as an argument, and equal arguments give equal objects. Fields that a builder
// does not set belong to others, such as the API server's defaults or an autoscaler.
package resources
