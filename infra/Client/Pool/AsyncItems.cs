namespace Broker.Pool;

/// <summary>Items of an asynchronous source.</summary>
internal sealed class AsyncItems<T>(IAsyncEnumerable<T> source, Func<T, ReadOnlyMemory<byte>> encode, Func<string?> kind) : IItemReader
{
    private IAsyncEnumerator<T>? _source;
    private Task<bool>? _moving;

    public string? Kind => kind();

    public ReadOnlyMemory<byte> Current { get; private set; }

    public ValueTask<bool> MoveNextAsync(int wanted, CancellationToken cancellationToken)
    {
        _source ??= source.GetAsyncEnumerator(cancellationToken);
        var moving = _source.MoveNextAsync();
        if (!moving.IsCompleted)
            return new ValueTask<bool>(WaitAsync(_moving = moving.AsTask(), cancellationToken));
        return new ValueTask<bool>(Take(moving.GetAwaiter().GetResult()));
    }

    /// <summary>A source that does not heed its token is disposed when it has given what it was asked for; until then this waits.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_source is not { } opened)
            return;
        _source = null;
        // An asynchronous sequence cannot be disposed while it works on its next element.
        if (_moving is { } moving)
            await Task.WhenAny(moving);
        await opened.DisposeAsync();
    }

    private async Task<bool> WaitAsync(Task<bool> moving, CancellationToken cancellationToken) => Take(await moving.WaitAsync(cancellationToken));

    private bool Take(bool any)
    {
        if (any)
            Current = encode(_source!.Current);
        return any;
    }
}
