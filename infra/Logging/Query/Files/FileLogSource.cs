using System.Runtime.CompilerServices;

namespace Broker.Logging.Query.Files;

/// <summary>The log files of all processes of this machine: those in one folder, rolled ones too.</summary>
/// <param name="folder">Where they lie.</param>
/// <param name="onNotice">Told of files and lines that cannot be read.</param>
public sealed class FileLogSource(string folder, Action<string> onNotice) : ILogSource
{
    private const string FileNames = "*.ndjson";

    // The system's signals name files by their whole path.
    private readonly string _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
    private readonly Dictionary<string, LogFile> _files = [];
    private readonly HashSet<string> _refused = [];

    public string Place => _folder;

    public Task<IReadOnlyList<LogDocument>> ReadNewestAsync(LogQuery query, int count, CancellationToken cancellationToken)
    {
        var newest = new PriorityQueue<LogDocument, LogDocument>(LogOrder.Instance);
        // Newest files first: the sooner the queue is full of new lines, the more can be passed over unread.
        foreach (var file in Files().OrderByDescending(file => File.GetLastWriteTimeUtc(file.Path)))
        {
            foreach (var (document, _) in Open(file, read => read.ReadOn(query, Floor, cancellationToken)))
            {
                if (newest.Count < count)
                    newest.Enqueue(document, document);
                else
                    newest.EnqueueDequeue(document, document);
            }
        }

        TellUnreadable();
        var lines = new List<LogDocument>(newest.Count);
        while (newest.TryDequeue(out var document, out _))
            lines.Add(document);
        return Task.FromResult<IReadOnlyList<LogDocument>>(lines);

        DateTimeOffset Floor() => newest.Count == count && newest.TryPeek(out var oldest, out _) ? oldest.Time : DateTimeOffset.MinValue;
    }

    public async IAsyncEnumerable<LogDocument> ReadAllAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var runs = Files().SelectMany(file => Open(file, read => LogRun.Split(read, query, cancellationToken))).ToList();
        foreach (var document in LogRun.Merge(runs, query, cancellationToken))
            yield return document;
        TellUnreadable();
        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<IReadOnlyList<LogDocument>> FollowAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watch = Watch();
        // Before the first signal: what was written between the read and the watch.
        IReadOnlyCollection<string>? changed = null;
        while (true)
        {
            var files = changed?.Select(Known) ?? Files();
            var lines = files.SelectMany(file => Open(file, read => read.ReadOn(query, floor: null, cancellationToken))).Select(found => found.Document).Order(LogOrder.Instance).ToList();
            if (lines.Count > 0)
                yield return lines;
            changed = await watch.NextAsync(cancellationToken);
        }
    }

    private FolderWatch Watch()
    {
        try
        {
            // Nobody may have logged yet.
            Directory.CreateDirectory(_folder);
            return new FolderWatch(_folder, FileNames);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LogsUnavailableException($"{_folder} cannot be followed: {e.Message}", e);
        }
    }

    private List<LogFile> Files()
    {
        try
        {
            return Directory.Exists(_folder) ? [.. Directory.EnumerateFiles(_folder, FileNames).Select(Known)] : [];
        }
        catch (UnauthorizedAccessException e)
        {
            throw new LogsUnavailableException($"{_folder} may not be read: {e.Message}", e);
        }
    }

    private LogFile Known(string path)
    {
        if (!_files.TryGetValue(path, out var file))
            _files.Add(path, file = new LogFile(path));
        return file;
    }

    /// <summary>Reads a file, or says once that it may not be read: the others are still worth reading.</summary>
    private IEnumerable<T> Open<T>(LogFile file, Func<LogFile, IEnumerable<T>> read)
    {
        using var lines = read(file).GetEnumerator();
        while (true)
        {
            try
            {
                if (!lines.MoveNext())
                    yield break;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (_refused.Add(file.Path))
                    onNotice($"{file.Path} cannot be read: {e.Message}");
                yield break;
            }

            yield return lines.Current;
        }
    }

    private void TellUnreadable()
    {
        var unreadable = _files.Values.Sum(file => file.Unreadable);
        if (unreadable > 0)
            onNotice($"{unreadable} lines of the files in {_folder} are no log lines and were passed over");
    }
}
