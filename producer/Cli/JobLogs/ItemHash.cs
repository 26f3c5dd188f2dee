using System.Text;

namespace Broker.Producer.Cli.JobLogs;

/// <summary>
/// FNV-1a with 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/) of a kind and an item's JSON: tells whether a line of a joblog is about the item that now has its
/// place. Written to files, so it must stay what it is.
/// </summary>
internal sealed class ItemHash
{
    private const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private readonly ulong _kind;

    /// <param name="kind">The kind of all items.</param>
    public ItemHash(string kind) => _kind = Add(Add(OffsetBasis, Encoding.UTF8.GetBytes(kind)), [0]);

    public ulong Of(ReadOnlySpan<byte> item) => Add(_kind, item);

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            hash = unchecked((hash ^ value) * Prime);
        return hash;
    }
}
