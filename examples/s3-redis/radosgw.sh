#!/bin/bash
# An S3 store: Ceph's RADOS Gateway over one monitor and one OSD, on 127.0.0.1, with one user. It checks signatures and
# stores as a cluster does. Everything is in the folder; a restart begins anew. A gateway that is killed comes back by
# itself, with its data.
# usage: radosgw.sh FOLDER PORT MONITOR_PORT RADOSGW_PATH
set -eu
H=$1 PORT=$2 MONITOR=$3 RADOSGW=$4
STORE=${RADOSGW_STORE:-memstore}
BYTES=${RADOSGW_BYTES:-4294967296}
export CEPH_CONF=$H/ceph.conf
rm -rf "$H"/{mon,osd,log,run,rgw}
mkdir -p "$H"/{mon,osd,log,run,rgw}
FSID=$(cat /proc/sys/kernel/random/uuid)
cat >"$CEPH_CONF" <<END
[global]
fsid = $FSID
mon host = [v2:127.0.0.1:$MONITOR/0]
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind ipv4 = true
auth supported = none
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon warn on pool no redundancy = false
mon allow pool size one = true
mon max pg per osd = 2000
run dir = $H/run
admin socket = $H/run/\$name.asok
log file = $H/log/\$name.log
mon cluster log file = $H/log/cluster.log
crash dir = $H/run
debug ms = 0
[mon]
mon data = $H/mon
mon data avail warn = 0
mon data avail crit = 0
paxos propose interval = 0.02
paxos min wait = 0.01
mon tick interval = 1
[osd]
osd data = $H/osd
osd objectstore = $STORE
memstore device bytes = $BYTES
bluestore block size = $BYTES
osd memory target = 1073741824
osd client watch timeout = 3
osd class load list = *
osd class default list = *
[client]
ms mon client mode = crc
rgw frontends = beast endpoint=127.0.0.1:$PORT tcp_nodelay=1
rgw data = $H/rgw
rgw enable usage log = false
rgw bucket quota ttl = 0
rgw user quota bucket sync interval = 1
rgw gc obj min wait = 1
rgw gc processor period = 5
rgw gc processor max time = 5
rgw s3 auth use keystone = false
rgw dns name = localhost
rgw thread pool size = 64
rgw cache enabled = true
END
monmaptool --create --clobber --fsid "$FSID" --addv a "[v2:127.0.0.1:$MONITOR]" "$H/monmap"
ceph-mon -i a --mkfs --monmap "$H/monmap"
ceph-mon -i a -f &
for _ in $(seq 100); do timeout 5 ceph -s >/dev/null 2>&1 && break; sleep .1; done
UUID=$(cat /proc/sys/kernel/random/uuid)
ceph osd new "$UUID"
ceph-osd -i 0 --mkfs --osd-uuid "$UUID"
ceph-osd -i 0 -f &
for _ in $(seq 100); do ceph osd stat 2>/dev/null | grep -q '1 up' && break; sleep .1; done
radosgw-admin -n client.rgw user create --uid=tester --display-name=tester \
  --access-key=testkey --secret-key=testsecret
while :; do
  "$RADOSGW" -n client.rgw -f &
  echo $! >"$H/run/rgw.pid"
  wait $! || true
  sleep .2
done
