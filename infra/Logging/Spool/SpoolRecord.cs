using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Broker.Logging.Spool;

/// <summary>How an event lies on disk: its length, a CRC-32C of its bytes, its bytes. A record that a crash cut short, or a disk spoilt, is known by them.</summary>
internal static class SpoolRecord
{
    public const int HeaderBytes = 8;

    /// <summary>No event is longer; a length beyond it is no length.</summary>
    public const int LongestPayload = 16 * 1024 * 1024;

    public static void Append(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> payload)
    {
        var record = buffer.GetSpan(HeaderBytes + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Checksum(payload));
        payload.CopyTo(record[HeaderBytes..]);
        buffer.Advance(HeaderBytes + payload.Length);
    }

    /// <summary>Reads the record at the beginning of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What follows in the file.</param>
    /// <param name="payload">The event's bytes, if the record is sound.</param>
    /// <param name="length">The record's whole length; 0 where even that cannot be told, or the bytes end before it does.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload, out int length)
    {
        payload = default;
        length = 0;
        if (bytes.Length < HeaderBytes)
            return false;
        var size = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (size is <= 0 or > LongestPayload || size > bytes.Length - HeaderBytes)
            return false;
        length = HeaderBytes + size;
        payload = bytes.Slice(HeaderBytes, size);
        return Checksum(payload) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
    }

    /// <summary>CRC-32C (Castagnoli), as in RFC 3720, appendix B.4.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
