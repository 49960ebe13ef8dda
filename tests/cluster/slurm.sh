#!/usr/bin/env bash
# A Slurm of two nodes on this machine, on the loopback device alone: slurm.sh up FOLDER, slurm.sh down FOLDER.
# Needs root and Debian's slurm-wlm and munge. All it writes is in FOLDER; its users set SLURM_CONF=FOLDER/slurm.conf and put
# FOLDER/bin before their PATH.
set -euo pipefail
action=$1 folder=$(realpath -m "$2")
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
SlurmdTimeout=60
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
    slurmctld
    slurmd -N n1
    slurmd -N n2
    for _ in $(seq 150); do
        [ "$(sinfo -h -N -t idle 2>/dev/null | wc -l)" = 2 ] && return
        sleep 0.2
    done
    echo "the nodes did not come up; see $folder/*.log" >&2
    tail -n 5 "$folder"/*.log >&2
    return 1
}

# Only processes that this folder's files name.
down() {
    scontrol shutdown slurmctld 2>/dev/null || true
    for name in n1 n2 slurmctld munged; do
        [ -s "$folder/$name.pid" ] && kill "$(cat "$folder/$name.pid")" 2>/dev/null || true
    done
}

"$action"
