using System.Threading.Channels;

namespace Broker.Logging.Query.Files;

/// <summary>Tells which log files of a folder have changed, by the system's own signals.</summary>
internal sealed class FolderWatch : IDisposable
{
    /// <summary>Processes that log at the same time write one after the other; so long we wait to put their lines in order.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);

    private readonly Channel<string?> _changed = Channel.CreateUnbounded<string?>();
    private readonly FileSystemWatcher _watcher;

    public FolderWatch(string folder, string pattern)
    {
        _watcher = new FileSystemWatcher(folder, pattern) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Created += (_, change) => _changed.Writer.TryWrite(change.FullPath);
        _watcher.Changed += (_, change) => _changed.Writer.TryWrite(change.FullPath);
        _watcher.Renamed += (_, change) => _changed.Writer.TryWrite(change.FullPath);
        // More signals than the system keeps: any file may have changed.
        _watcher.Error += (_, _) => _changed.Writer.TryWrite(null);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Waits for a change; the files' paths, or null where it may have been any.</summary>
    public async Task<IReadOnlyCollection<string>?> NextAsync(CancellationToken cancellationToken)
    {
        await _changed.Reader.WaitToReadAsync(cancellationToken);
        await Task.Delay(Gather, cancellationToken);
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
