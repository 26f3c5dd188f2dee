namespace Broker.Pool;

/// <summary>Counts the calls under way, so that closing can refuse new ones and wait for the last.</summary>
internal sealed class OpenCalls
{
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One of the counts is the door's own, until it is shut.
    private int _count = 1;
    private int _shut;

    /// <summary>Completes when the door is shut and the last call has left.</summary>
    public Task None => _none.Task;

    /// <summary>Counts a call in; dispose the result when it ends.</summary>
    /// <exception cref="ObjectDisposedException">The door is shut.</exception>
    public IDisposable Enter()
    {
        ThrowIfShut();
        Interlocked.Increment(ref _count);
        return new Call(this);
    }

    /// <exception cref="ObjectDisposedException">The door is shut.</exception>
    public void ThrowIfShut() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _shut) == 1, typeof(JobPool));

    public void Shut()
    {
        if (Interlocked.Exchange(ref _shut, 1) == 0)
            Leave();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            _none.TrySetResult();
    }

    private sealed class Call(OpenCalls calls) : IDisposable
    {
        public void Dispose() => calls.Leave();
    }
}
