namespace Broker.Pool;

/// <summary>Gives a call's items one by one, as JSON in UTF-8. Read by one at a time.</summary>
internal interface IItemReader : IAsyncDisposable
{
    /// <summary>A source that gives nothing and does not heed its token is left behind after this; it is disposed when it comes back.</summary>
    private static readonly TimeSpan SourceGrace = TimeSpan.FromMilliseconds(250);

    /// <summary>The kind of the items; null where only the first of them will tell.</summary>
    string? Kind { get; }

    /// <summary>The item read last; its bytes are valid until the next is asked for.</summary>
    ReadOnlyMemory<byte> Current { get; }

    /// <summary>Reads the next item; false at the end.</summary>
    /// <param name="wanted">So many items, this one included, may be read from the source before they are asked for.</param>
    /// <param name="cancellationToken">Ends the waiting; the reader can then only be disposed.</param>
    ValueTask<bool> MoveNextAsync(int wanted, CancellationToken cancellationToken);

    /// <summary>Disposes a reader when <paramref name="reading"/> has ended; waits for that only a moment.</summary>
    static async Task EndAsync(IItemReader items, Task reading)
    {
        var ending = EndAsync();
        if (!ending.IsCompleted)
            await Task.WhenAny(ending, Task.Delay(SourceGrace));

        async Task EndAsync()
        {
            await reading;
            await items.DisposeAsync();
        }
    }
}
