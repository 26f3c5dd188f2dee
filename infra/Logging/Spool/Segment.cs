using Microsoft.Win32.SafeHandles;

namespace Broker.Logging.Spool;

/// <summary>One file of the spool: records of one rank, appended by one thread, read by another. Its fields are guarded by <see cref="EventSpool"/>'s lock.</summary>
internal sealed class Segment(string path, EventRank rank)
{
    private SafeFileHandle? _writing;

    public EventRank Rank => rank;

    /// <summary>Size in bytes, complete records only.</summary>
    public long Size { get; private set; }

    /// <summary>Number of records; -1 in a file of another process until they are counted.</summary>
    public long Records { get; private set; }

    /// <summary>The read position.</summary>
    public long ReadTo { get; set; }

    /// <summary>The position up to which it is sent.</summary>
    public long ShippedTo { get; set; }

    /// <summary>How many records are sent.</summary>
    public long ShippedRecords { get; set; }

    /// <summary>Whether records may still be added.</summary>
    public bool IsOpen => _writing is not null;

    /// <summary>Whether this process wrote it; otherwise it was taken over.</summary>
    public bool IsOwn { get; private init; }

    /// <summary>Whether the sending thread is reading it.</summary>
    public bool IsBeingRead { get; set; }

    /// <summary>Whether a part of it is being sent.</summary>
    public bool IsBusy => IsBeingRead || ReadTo > ShippedTo;

    /// <summary>Whether it is closed and completely sent.</summary>
    public bool IsDone => !IsOpen && ShippedTo >= Size;

    public static Segment Create(string path, EventRank rank) => new(path, rank)
    {
        IsOwn = true,
        _writing = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete),
    };

    /// <summary>A file of a dead process.</summary>
    public static Segment Found(string path, EventRank rank) => new(path, rank) { Size = new FileInfo(path).Length, Records = -1 };

    /// <exception cref="IOException">The disk is full or not writable.</exception>
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

    /// <returns>How many bytes were read from <paramref name="offset"/> on; 0 if the file does not exist.</returns>
    /// <exception cref="IOException">The file exists and cannot be read now.</exception>
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

    /// <summary>Gives up the rest of the file, which is corrupt.</summary>
    /// <param name="size">The new size.</param>
    /// <param name="records">Number of records up to there.</param>
    /// <returns>Number of records lost; 0 if they were not counted.</returns>
    public long EndAt(long size, long records)
    {
        var lost = Records < 0 ? 0 : Records - records;
        Size = size;
        Records = records;
        return lost;
    }

    /// <summary>Deletes the file. Returns the number of unsent records in it.</summary>
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
            // The folder was removed, or the file stays, which does no harm.
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
