using System.Threading.Channels;

namespace Broker.Logging.Query.Files;

/// <summary>Reports which log files of a folder have changed, by file system events.</summary>
internal sealed class FolderWatch : IDisposable
{
    /// <summary>How long to collect changes, to put lines that several processes logged at the same time in order.</summary>
    private static readonly TimeSpan CollectTime = TimeSpan.FromMilliseconds(100);

    private readonly Channel<string?> _changed = Channel.CreateUnbounded<string?>();
    private readonly FileSystemWatcher _watcher;

    public FolderWatch(string folder, string pattern)
    {
        _watcher = new FileSystemWatcher(folder, pattern) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Created += (_, change) => _changed.Writer.TryWrite(change.FullPath);
        _watcher.Changed += (_, change) => _changed.Writer.TryWrite(change.FullPath);
        _watcher.Renamed += (_, change) => _changed.Writer.TryWrite(change.FullPath);
        // The system's event buffer overflowed: any file may have changed.
        _watcher.Error += (_, _) => _changed.Writer.TryWrite(null);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Waits for changes. Returns the files' paths, or null if any file may have changed.</summary>
    public async Task<IReadOnlyCollection<string>?> NextAsync(CancellationToken cancellationToken)
    {
        await _changed.Reader.WaitToReadAsync(cancellationToken);
        await Task.Delay(CollectTime, cancellationToken);
        var paths = new HashSet<string>();
        var any = false;
        while (_changed.Reader.TryRead(out var path))
        {
            if (path is null)
                any = true;
            else
                paths.Add(path);
        }

        return any ? null : paths;
    }

    public void Dispose() => _watcher.Dispose();
}
