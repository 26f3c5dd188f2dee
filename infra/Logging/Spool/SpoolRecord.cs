using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Broker.Logging.Spool;

/// <summary>The format of an event on disk: its length, the CRC-32C of its bytes, its bytes. These detect a record that a crash truncated or the disk corrupted.</summary>
internal static class SpoolRecord
{
    public const int HeaderBytes = 8;

    /// <summary>A length above this means a corrupt record.</summary>
    public const int MaxPayloadBytes = 16 * 1024 * 1024;

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
    /// <param name="payload">The event's bytes, if the record is intact.</param>
    /// <param name="length">The record's total length; 0 if it cannot be read, or the record is truncated.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload, out int length)
    {
        payload = default;
        length = 0;
        if (bytes.Length < HeaderBytes)
            return false;
        var size = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (size is <= 0 or > MaxPayloadBytes || size > bytes.Length - HeaderBytes)
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
