using System.Runtime.CompilerServices;

namespace Broker.Logging.Query.Files;

/// <summary>The log files of all processes of this machine, in one folder, including rolled ones.</summary>
/// <param name="folder">The folder.</param>
/// <param name="onNotice">Told of files and lines that cannot be read.</param>
public sealed class FileLogSource(string folder, Action<string> onNotice) : ILogSource
{
    private const string FileNames = "*.ndjson";

    // File system events contain full paths.
    private readonly string _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
    private readonly Dictionary<string, LogFile> _files = [];
    private readonly HashSet<string> _refused = [];

    public string Place => _folder;

    public Task<IReadOnlyList<LogDocument>> ReadNewestAsync(LogQuery query, int count, CancellationToken cancellationToken)
    {
        var newest = new PriorityQueue<LogDocument, LogDocument>(LogOrder.Instance);
        // Newest files first: once the queue is full of new lines, older ones can be skipped without parsing.
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

        ReportUnreadable();
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
        ReportUnreadable();
        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<IReadOnlyList<LogDocument>> FollowAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watch = Watch();
        // Before the first event: lines written between the read and the start of the watch.
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
            // The folder may not exist before the first process logs.
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
            throw new LogsUnavailableException($"{_folder} cannot be read: {e.Message}", e);
        }
    }

    private LogFile Known(string path)
    {
        if (!_files.TryGetValue(path, out var file))
            _files.Add(path, file = new LogFile(path));
        return file;
    }

    /// <summary>Reads a file, or reports once that it cannot be read; the other files are read anyway.</summary>
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

    private void ReportUnreadable()
    {
        var unreadable = _files.Values.Sum(file => file.Unreadable);
        if (unreadable > 0)
            onNotice($"{unreadable} lines in the files of {_folder} are not log lines and were skipped");
    }
}
