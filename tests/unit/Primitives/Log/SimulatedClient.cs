using Broker.Contracts.Messages;
using Broker.Primitives.Log;

namespace Broker.Tests.Unit.Primitives.Log;

/// <summary>A client of a <see cref="SimulatedStream"/>, with the kernel's own writer and view.</summary>
internal sealed class SimulatedClient : IAsyncDisposable
{
    private static readonly PrimitiveKey Key = new("tally", "sum");

    private readonly SimulatedStream _stream;
    private readonly LogWriter _writer;
    private readonly LogView _view;
    private long _next;

    /// <param name="stream">What it reads and writes.</param>
    /// <param name="from">Where it begins to read; 0 for the beginning.</param>
    public SimulatedClient(SimulatedStream stream, long from = 0)
    {
        _stream = stream;
        _writer = new LogWriter(Id, stream.OpenAsync, TimeProvider.System);
        _view = new LogView(Id, TallyCodec.Instance, _writer, TimeProvider.System);
        _view.Lost += wentBack => WentBack |= wentBack;
        Begin(from);
    }

    public Guid Id { get; } = Guid.NewGuid();

    public bool WentBack { get; private set; }

    /// <summary>From where a client that joins now would read.</summary>
    public long? Base => _writer.Base;

    public PendingOperation Add(long number, long? fence = null)
    {
        var (type, body) = TallyCodec.Instance.Write(new TallyAdd(number));
        return _writer.Append(Key.ToString(), type, new RawJson(body), fence);
    }

    /// <summary>Reads up to so many records.</summary>
    public void Read(int records)
    {
        for (; records > 0 && _next < _stream.Length; records--)
        {
            var body = _stream[_next];
            if (_view.Take(_next, LogRecord.Read(body), body.Length))
                _next++;
            else
                Begin(0);
        }
    }

    /// <summary>Loses its reading channel, and reads again from where it ended.</summary>
    public void Reattach()
    {
        if (_view.Resume() is { } offset)
            _next = Math.Min(offset, _stream.Length);
    }

    /// <summary>The numbers in their order; null while the state is not known.</summary>
    public IReadOnlyList<long>? Numbers() => _view.TryLook<Tally, IReadOnlyList<long>>(Key, static tally => [.. tally?.Numbers ?? []], out var numbers) ? numbers : null;

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private void Begin(long from)
    {
        _view.Begin(from);
        _next = from;
    }
}
