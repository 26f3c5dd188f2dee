using Microsoft.Win32.SafeHandles;

namespace Broker.Logging.Spool;

/// <summary>One file of the spool: records of one rank, appended by one thread, read by another. Its fields belong to <see cref="EventSpool"/>'s lock.</summary>
internal sealed class Segment(string path, EventRank rank)
{
    private SafeFileHandle? _writing;

    public EventRank Rank => rank;

    /// <summary>How many bytes are whole records.</summary>
    public long Size { get; private set; }

    /// <summary>How many records it has; -1 in a file that another process left, until they are counted.</summary>
    public long Records { get; private set; }

    /// <summary>How far it is handed out for sending.</summary>
    public long ReadTo { get; set; }

    /// <summary>How far it is sent.</summary>
    public long ShippedTo { get; set; }

    /// <summary>How many records are sent.</summary>
    public long ShippedRecords { get; set; }

    /// <summary>Whether records may still be added.</summary>
    public bool IsOpen => _writing is not null;

    /// <summary>Whether this process wrote it; others it took over.</summary>
    public bool IsOwn { get; private init; }

    /// <summary>Whether the thread that sends is reading it just now.</summary>
    public bool IsBeingRead { get; set; }

    /// <summary>Whether a part of it is on its way.</summary>
    public bool IsBusy => IsBeingRead || ReadTo > ShippedTo;

    /// <summary>Whether nothing in it is left to send, and nothing will be added.</summary>
    public bool IsDone => !IsOpen && ShippedTo >= Size;

    public static Segment Create(string path, EventRank rank) => new(path, rank)
    {
        IsOwn = true,
        _writing = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete),
    };

    /// <summary>A file that another process left behind.</summary>
    public static Segment Found(string path, EventRank rank) => new(path, rank) { Size = new FileInfo(path).Length, Records = -1 };

    /// <exception cref="IOException">The disk takes no more.</exception>
    public void Append(ReadOnlySpan<byte> records, int count)
    {
        RandomAccess.Write(_writing!, records, Size);
        Size += records.Length;
        Records += count;
    }

    public void Close()
    {
        _writing?.Dispose();
        _writing = null;
    }

    /// <returns>How many bytes were read from <paramref name="offset"/> on; 0 where the file is gone.</returns>
    /// <exception cref="IOException">It is there and cannot be read now.</exception>
    public int Read(Span<byte> into, long offset)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var total = 0;
            while (total < into.Length && RandomAccess.Read(file, into[total..], offset + total) is > 0 and var read)
                total += read;
            return total;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>Nothing sound follows: what is left of the file is given up.</summary>
    /// <param name="size">Where it ends.</param>
    /// <param name="records">How many records it has up to there.</param>
    /// <returns>How many records are lost by it; 0 where nobody had counted them.</returns>
    public long EndAt(long size, long records)
    {
        var lost = Records < 0 ? 0 : Records - records;
        Size = size;
        Records = records;
        return lost;
    }

    /// <summary>Removes the file. Returns how many records go unsent with it.</summary>
    public long Delete()
    {
        var unsent = ShippedTo >= Size ? 0 : (Records < 0 ? Count() : Records) - ShippedRecords;
        Close();
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody cleared the folder; what we wanted gone is gone, or stays without harm.
        }

        return unsent;
    }

    private long Count()
    {
        var bytes = new byte[Size];
        ReadOnlySpan<byte> rest = bytes.AsSpan(0, Read(bytes, 0));
        var count = 0;
        while (SpoolRecord.TryRead(rest, out _, out var length) || length > 0)
        {
            count++;
            rest = rest[length..];
        }

        return count;
    }
}
