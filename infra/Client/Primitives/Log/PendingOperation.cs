using Broker.Contracts.Messages;

namespace Broker.Primitives.Log;

/// <summary>An operation that has not been read back yet.</summary>
internal sealed class PendingOperation(long number, string key, string type, RawJson body, long? fence, DateTimeOffset at)
{
    private readonly TaskCompletionSource<Folded> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Number => number;

    /// <summary>Under which session it was sent last; 0 if it was not. One that was sent may count, though nothing was heard of it.</summary>
    public int Session { get; private set; }

    /// <summary>What became of it.</summary>
    public Task<Folded> Read => _read.Task;

    public byte[] Write(Guid client, int session, long? from)
    {
        Session = session;
        return new LogRecord { Client = client, SessionNumber = session, Number = number, Base = from, At = at, Key = key, Type = type, Body = body, Fence = fence }.Write();
    }

    public void Complete(Folded folded) => _read.TrySetResult(folded);

    public void Fail(Exception error) => _read.TrySetException(error);
}
