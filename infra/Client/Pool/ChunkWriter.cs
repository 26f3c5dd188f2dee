using System.Buffers;

namespace Broker.Pool;

/// <summary>Collects items into the JSON array of one message.</summary>
internal sealed class ChunkWriter
{
    private const int KeptCapacity = 4 * ChunkSizer.MaxBytes;

    private ArrayBufferWriter<byte> _buffer = new(4096);

    public int Count { get; private set; }

    public int Bytes => _buffer.WrittenCount;

    public void Add(ReadOnlySpan<byte> item)
    {
        _buffer.Write(Count == 0 ? "["u8 : ","u8);
        _buffer.Write(item);
        Count++;
    }

    /// <summary>The array so far; begins a new one.</summary>
    public byte[] Take()
    {
        _buffer.Write("]"u8);
        var items = _buffer.WrittenSpan.ToArray();
        // One large item must not keep its buffer for the rest of the batch.
        if (_buffer.Capacity > KeptCapacity)
            _buffer = new ArrayBufferWriter<byte>(4096);
        else
            _buffer.ResetWrittenCount();
        Count = 0;
        return items;
    }
}
