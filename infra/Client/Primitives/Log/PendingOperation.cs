using Broker.Contracts.Messages;

namespace Broker.Primitives.Log;

/// <summary>An operation that has not been read back yet.</summary>
internal sealed class PendingOperation(long number, string key, string type, RawJson body, long? fence, DateTimeOffset at)
{
    private readonly TaskCompletionSource<Folded> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Number => number;

    /// <summary>Whether it was sent: then it may count, though nothing was heard of it.</summary>
    public bool WasSent { get; private set; }

    /// <summary>What became of it.</summary>
    public Task<Folded> Read => _read.Task;

    public byte[] Write(Guid client, int session, long? from)
    {
        WasSent = true;
        return new LogRecord { Client = client, SessionNumber = session, Number = number, Base = from, At = at, Key = key, Type = type, Body = body, Fence = fence }.Write();
    }

    public void Complete(Folded folded) => _read.TrySetResult(folded);

    public void Fail(Exception error) => _read.TrySetException(error);
}
