using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Broker.Topology;

/// <summary>Makes part of a queue's name from a name that a user chose. Different names never become the same: a hashed one begins with a letter that no other begins with.</summary>
internal static class SafeName
{
    /// <summary>Leaves room for what stands before it: AMQP allows 255 bytes.</summary>
    private const int MaxBytes = 200;

    private const char HashedPrefix = '~';

    /// <summary>The name itself, or its SHA-256 where it is empty, too long, not valid Unicode, has control characters or looks like a hash.</summary>
    public static string Of(string name) => IsSafe(name) ? name : $"{HashedPrefix}{Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(name.AsSpan())))}";

    private static bool IsSafe(string name)
    {
        if (name.Length is 0 or > MaxBytes || name[0] == HashedPrefix)
            return false;
        foreach (var rune in name.EnumerateRunes())
        {
            // Invalid UTF-16 is enumerated as the replacement character.
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune))
                return false;
        }

        return Encoding.UTF8.GetByteCount(name) <= MaxBytes;
    }
}
