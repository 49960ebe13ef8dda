#!/usr/bin/env bash
# A Slurm of two nodes on this machine, on the loopback device alone: slurm.sh up FOLDER, slurm.sh down FOLDER; a power cut
# of one node and its return: slurm.sh off FOLDER n2, slurm.sh on FOLDER n2.
# Needs root and Debian's slurm-wlm and munge. All it writes is in FOLDER; its users set SLURM_CONF=FOLDER/slurm.conf and put
# FOLDER/bin before their PATH.
set -euo pipefail
action=$1 folder=$(realpath -m "$2") node=${3:-}
export SLURM_CONF=$folder/slurm.conf
port=${SLURM_TEST_PORT:-16817}

up() {
    mkdir -p "$folder"/{munge,state,n1,n2}
    chmod 711 "$folder" && chmod 700 "$folder/munge"
    head -c 128 /dev/urandom >"$folder/munge/key" && chmod 400 "$folder/munge/key"
    munged --key-file="$folder/munge/key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
        --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" --force 2>/dev/null
    cat >"$SLURM_CONF" <<END
ClusterName=loopback
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=100000
ReturnToService=2
SlurmdTimeout=20
MinJobAge=300
KillWait=2
SlurmdParameters=config_overrides
PropagateResourceLimits=NONE
NodeName=n1 NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2 RealMemory=8000 State=UNKNOWN
NodeName=n2 NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2 RealMemory=8000 State=UNKNOWN
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
END
    # Snakemake takes SLURM_CONF out of the environment of the srun in its jobs.
    mkdir -p "$folder/bin"
    printf '#!/bin/sh\nSLURM_CONF=%s exec %s "$@"\n' "$SLURM_CONF" "$(command -v srun)" >"$folder/bin/srun"
    chmod +x "$folder/bin/srun"
    printf '127.0.0.1 %s\n' localhost "$(hostname)" n1 n2 >"$folder/hosts"
    slurmctld
    for node in n1 n2; do on; done
    for _ in $(seq 150); do
        [ "$(sinfo -h -N -t idle 2>/dev/null | wc -l)" = 2 ] && return
        sleep 0.2
    done
    echo "the nodes did not come up; see $folder/*.log" >&2
    tail -n 5 "$folder"/*.log >&2
    return 1
}

# A node is a namespace of processes, with a host name of its own: when its first process is killed, all others are, at once.
on() {
    # shellcheck disable=SC2016 # the inner shell is to expand these
    setsid unshare --pid --fork --kill-child=KILL --mount-proc --uts --mount -- bash -c '
        hostname "$1" && mount --bind "$0/hosts" /etc/hosts
        slurmd -D -N "$1" & wait' "$folder" "$node" >"$folder/$node.out" 2>&1 </dev/null &
    echo $! >"$folder/$node.power"
}

off() {
    pkill -KILL -P "$(cat "$folder/$node.power")"
    rm "$folder/$node.power"
}

# Only processes that this folder's files name.
down() {
    scontrol shutdown slurmctld 2>/dev/null || true
    for node in n1 n2; do
        [ -s "$folder/$node.power" ] && off || true
    done
    for name in slurmctld munged; do
        [ -s "$folder/$name.pid" ] && kill "$(cat "$folder/$name.pid")" 2>/dev/null || true
    done
}

"$action"
