using Broker.Connection;

namespace Broker.Pool;

/// <summary>
/// Starts something when it is first needed, once for all who need it. A start that failed is forgotten: the next who needs it tries again.
/// What is started lives longer than the call that needed it first, so it gets nothing of that call's ExecutionContext.
/// </summary>
internal sealed class Once<T>(Func<Task<T>> start)
{
    private readonly Lock _lock = new();
    private Task<T>? _started;

    /// <summary>The last start, whatever became of it; null where nothing needed it yet.</summary>
    public Task<T>? Started
    {
        get
        {
            lock (_lock)
                return _started;
        }
    }

    public Task<T> GetAsync()
    {
        lock (_lock)
            return _started is null or { IsFaulted: true } or { IsCanceled: true } ? _started = CallerContext.RunOutsideAsync(start) : _started;
    }
}
