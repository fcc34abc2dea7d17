// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import (
	"context"
	"net"
	"os"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho/log"
)

// pinger tests the connection. That of the client would end it while nothing is read, because messages wait for the store.
type pinger struct{ link *link }

// Run implements the client's interface.
func (p *pinger) Run(ctx context.Context, conn net.Conn, seconds uint16) error {
	interval := time.Duration(seconds) * time.Second
	if interval == 0 {
		return nil
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if p.link.isSilent(2 * interval) {
			return os.ErrDeadlineExceeded
		}
		if _, err := packets.NewControlPacket(packets.PINGREQ).WriteTo(conn); err != nil {
			return err
		}
	}
}

// PacketSent, PacketReceived, PingResp and SetDebug implement the client's interface. The link notes what arrives.
func (*pinger) PacketSent() {}

// PacketReceived does nothing.
func (*pinger) PacketReceived() {}

// PingResp does nothing.
func (*pinger) PingResp() {}

// SetDebug does nothing.
func (*pinger) SetDebug(log.Logger) {}
