using System.Globalization;
using System.Text.RegularExpressions;

namespace Broker.Logging.Spool;

/// <summary>
/// One process's folder in the spool. The process holds a lock file in it while it runs; the system releases the lock however the
/// process ends, and then any process may take the folder over.
/// </summary>
internal sealed partial class SpoolShare : IDisposable
{
    private const string LockName = "lock";
    private const string Extension = ".seg";

    /// <summary>A folder without a lock file belongs to a process that is starting, or that ended before it created one.</summary>
    private static readonly TimeSpan StartupGrace = TimeSpan.FromMinutes(10);

    private readonly string _folder;
    private readonly FileStream _lock;
    private int _last;

    private SpoolShare(string folder, FileStream held)
    {
        _folder = folder;
        _lock = held;
    }

    /// <summary>Creates a folder for this process.</summary>
    /// <param name="spoolBase">The folder of all processes and the prefix of the names in it.</param>
    /// <param name="owner">Identifies this process.</param>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static SpoolShare Create(string spoolBase, string owner)
    {
        var name = new string([.. owner.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_')]);
        var folder = Directory.CreateDirectory($"{spoolBase}-{name}-{Guid.NewGuid().ToString("N")[..8]}").FullName;
        return new SpoolShare(folder, Lock(folder, FileMode.CreateNew));
    }

    /// <summary>Takes over folders of dead processes, the most recently written first, lazily.</summary>
    /// <param name="spoolBase">As for <see cref="Create"/>.</param>
    public static IEnumerable<SpoolShare> TakeOver(string spoolBase)
    {
        var root = new DirectoryInfo(Path.GetDirectoryName(spoolBase)!);
        if (!root.Exists)
            yield break;
        foreach (var folder in root.GetDirectories(Path.GetFileName(spoolBase) + "-*").Where(folder => ShareName().IsMatch(folder.Name)).OrderByDescending(folder => folder.LastWriteTimeUtc))
        {
            if (TryTakeOver(folder.FullName) is { } share)
                yield return share;
        }
    }

    public Segment NewSegment(EventRank rank) => Segment.Create(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{++_last:D8}-{(int)rank}{Extension}")), rank);

    /// <summary>The files in the folder, oldest first.</summary>
    public IEnumerable<Segment> Segments()
    {
        foreach (var path in Directory.EnumerateFiles(_folder, "*" + Extension).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            var rank = (EventRank)(name[^1] - '0');
            yield return Segment.Found(path, Enum.IsDefined(rank) ? rank : EventRank.Warning);
        }
    }

    /// <summary>Releases the folder, and deletes it if it holds no more events.</summary>
    public void Dispose()
    {
        // A process that locks it between these calls finds no events either.
        _lock.Dispose();
        try
        {
            if (Directory.EnumerateFiles(_folder, "*" + Extension).Any())
                return;
            File.Delete(Path.Combine(_folder, LockName));
            // Not recursive: other files in it are not ours.
            Directory.Delete(_folder, recursive: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The empty folder stays, and the next process deletes it.
        }
    }

    private static SpoolShare? TryTakeOver(string folder)
    {
        try
        {
            if (File.Exists(Path.Combine(folder, LockName)))
                return new SpoolShare(folder, Lock(folder, FileMode.Open));
            return Directory.GetCreationTimeUtc(folder) < DateTime.UtcNow - StartupGrace ? new SpoolShare(folder, Lock(folder, FileMode.CreateNew)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its process is running, or another took it over first.
            return null;
        }
    }

    [GeneratedRegex("-[0-9a-f]{8}$", RegexOptions.None, 1000)]
    private static partial Regex ShareName();

    private static FileStream Lock(string folder, FileMode mode) => new(Path.Combine(folder, LockName), mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
}
