using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>A producer with librdkafka's states; a call that they forbid is a violation.</summary>
internal sealed class SimProducer(SimBroker broker, Instance instance, TransportSettings settings, bool transactional) : IOutputProducer
{
    private enum State { New, Ready, InTransaction, MustAbort, InDoubt, Lost }

    private readonly List<OutputRecord> unsent = [];
    private State state = transactional ? State.New : State.Ready;
    private SimTransaction? transaction;
    private int epoch;
    private bool disposed;
    private bool inCall;

    public void InitTransactions(TimeSpan timeout)
    {
        Enter();
        if (broker.Faults.Draw("init", abortable: false) is { } failure) throw failure;
        epoch = broker.Init(settings.TransactionalId);
        state = State.Ready;
    }

    public void Begin()
    {
        Check();
        Expect(state == State.Ready, "BeginTransaction");
        state = State.InTransaction;
        transaction = null;
    }

    public void Produce(in OutputRecord record)
    {
        Check();
        Expect(!transactional || state == State.InTransaction, "Produce");
        if (broker.Scheduler.Chance(0.1)) Enter(); // its queue is full: what the group does meanwhile meets a batch half produced
        unsent.Add(new OutputRecord(record.Topic, record.Partition, record.TimestampMs, record.KeyBytes(), record.ValueBytes(), record.Headers));
        if (broker.Scheduler.Chance(0.2)) Send();
    }

    public void SendOffsets(IReadOnlyList<PartitionOffset> offsets, GroupMembership membership, TimeSpan timeout)
    {
        if (broker.Faults.HangNextSendOffsetsMs is > 0 and var hang) (broker.Faults.HangNextSendOffsetsMs, broker.Faults.HangNextMs) = (0, hang);
        Enter();
        Expect(state == State.InTransaction, "SendOffsets");
        var failure = broker.Faults.Draw("send offsets", abortable: true);
        if (failure is { Failure: not TransportFailure.Retriable }) throw Enter(failure);
        if (failure is not null && broker.Scheduler.Chance(0.5)) throw failure;
        if (broker.Group.Refusal((SimMembership)membership.Native) is { } refusal)
            throw refusal == "FENCED_INSTANCE_ID" ? new TransportException(TransportFailure.Fatal, refusal) : Enter(new TransportException(TransportFailure.Abortable, refusal));
        Open();
        foreach (var at in offsets) transaction!.Offsets[at.Partition] = at.Offset;
        if (failure is not null) throw failure;
    }

    public void CommitTransaction(TimeSpan timeout)
    {
        Enter();
        Expect(state is State.InTransaction or State.InDoubt, "CommitTransaction");
        if (transaction?.State == TransactionState.Committed) { state = State.Ready; return; }
        var failure = broker.Faults.Draw("commit", abortable: state != State.InDoubt);
        if (failure is { Failure: TransportFailure.Abortable }) throw Enter(failure);
        var effect = failure is null || broker.Scheduler.Chance(0.5);
        if (effect)
        {
            Send();
            if (transaction is { } open)
            {
                Fence();
                broker.End(open, commit: true);
            }
        }
        state = failure is null ? State.Ready : failure.Failure == TransportFailure.Fatal ? State.Lost : State.InDoubt;
        if (failure is not null) throw failure;
    }

    public void AbortTransaction(TimeSpan timeout)
    {
        Enter();
        Expect(state is State.InTransaction or State.MustAbort, "AbortTransaction");
        if (broker.Faults.Draw("abort", abortable: false) is { } failure) throw failure;
        unsent.Clear();
        if (transaction is { State: TransactionState.Open } open)
        {
            Fence();
            broker.End(open, commit: false);
        }
        else if (transaction is not null) Fence();
        state = State.Ready;
    }

    public void Flush(TimeSpan timeout)
    {
        Enter();
        if (broker.Faults.Draw("flush", abortable: true) is { Failure: not TransportFailure.Fatal } failure)
        {
            unsent.RemoveRange(0, broker.Scheduler.Random.Next(unsent.Count + 1)); // a failed one is not sent later
            Send();
            throw failure;
        }
        Send();
    }

    public void Dispose()
    {
        if (inCall) broker.Scheduler.Fail(new ViolationException($"{instance} destroys its producer while a call is under way"));
        disposed = true;
        instance.OpenClients--;
    }

    private void Send()
    {
        if (unsent.Count == 0 || (transactional && broker.Fenced(settings.TransactionalId, epoch))) return; // the commit will tell
        if (transactional) Open();
        foreach (var record in unsent)
        {
            var partition = record.Partition >= 0 ? record.Partition : Murmur2.Partition(record.Key!, broker.Topics[record.Topic]);
            broker.Log(new(record.Topic, partition)).Append(record, transaction, broker.Scheduler.NowMs);
        }
        unsent.Clear();
    }

    private void Open()
    {
        Fence();
        transaction ??= broker.Begin(settings.TransactionalId, epoch, settings.Options.TransactionTimeoutMs);
    }

    private void Fence()
    {
        if (!broker.Fenced(settings.TransactionalId, epoch)) return;
        state = State.Lost;
        throw new TransportException(TransportFailure.Fatal, "PRODUCER_FENCED");
    }

    private void Expect(bool allowed, string call)
    {
        if (allowed) return;
        if (state == State.Lost) throw new TransportException(TransportFailure.Fatal, "the producer is lost");
        if (state == State.MustAbort) throw new TransportException(TransportFailure.Abortable, "the transaction must be aborted");
        broker.Scheduler.Fail(new ViolationException($"{instance} called {call} in state {state}"));
    }

    private TransportException Enter(TransportException failure)
    {
        state = failure.Failure == TransportFailure.Fatal ? State.Lost : State.MustAbort;
        return failure;
    }

    private void Enter()
    {
        Check();
        inCall = true;
        try { broker.Faults.Delay(); }
        finally { inCall = false; }
        Check();
    }

    private void Check()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        instance.Check();
    }
}
