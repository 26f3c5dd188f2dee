namespace Broker.Logging.Query.Files;

/// <summary>
/// A part of a file whose lines can be sorted while they are read. A process writes its lines nearly in order: concurrent threads
/// may swap lines, which a window corrects; if the clock was set back, a new run starts.
/// </summary>
internal sealed record LogRun(LogFile File, long Start, long End, LogDocument First)
{
    /// <summary>By how many places a line may be out of order.</summary>
    private const int Window = 64;

    /// <summary>Reads the file once to find its runs.</summary>
    public static IEnumerable<LogRun> Split(LogFile file, LogQuery query, CancellationToken cancellationToken)
    {
        var window = new PriorityQueue<LogDocument, LogDocument>(LogOrder.Instance);
        var start = file.Position;
        LogDocument? first = null;
        LogDocument? last = null;
        foreach (var (document, line) in file.ReadOn(query, floor: null, cancellationToken))
        {
            if (last is not null && LogOrder.Instance.Compare(document, last) < 0)
            {
                yield return new LogRun(file, start, line, first!);
                (start, first, last) = (line, null, null);
                window.Clear();
            }

            window.Enqueue(document, document);
            if (window.Count > Window)
            {
                last = window.Dequeue();
                first ??= last;
            }
        }

        if (first is not null || window.TryPeek(out first, out _))
            yield return new LogRun(file, start, file.Position, first);
    }

    /// <summary>All lines of several runs in order; each file is open only while its time span is read.</summary>
    public static IEnumerable<LogDocument> Merge(IEnumerable<LogRun> runs, LogQuery query, CancellationToken cancellationToken)
    {
        var waiting = new Queue<LogRun>(runs.OrderBy(run => run.First, LogOrder.Instance));
        var open = new PriorityQueue<IEnumerator<LogDocument>, LogDocument>(LogOrder.Instance);
        try
        {
            while (waiting.Count + open.Count > 0)
            {
                while (waiting.TryPeek(out var next) && !(open.TryPeek(out _, out var oldest) && LogOrder.Instance.Compare(oldest, next.First) < 0))
                    Advance(waiting.Dequeue().InOrder(query, cancellationToken).GetEnumerator(), open);
                if (!open.TryDequeue(out var run, out var document))
                    continue;
                yield return document;
                Advance(run, open);
            }
        }
        finally
        {
            foreach (var (run, _) in open.UnorderedItems)
                run.Dispose();
        }
    }

    private static void Advance(IEnumerator<LogDocument> run, PriorityQueue<IEnumerator<LogDocument>, LogDocument> open)
    {
        if (run.MoveNext())
            open.Enqueue(run, run.Current);
        else
            run.Dispose();
    }

    private IEnumerable<LogDocument> InOrder(LogQuery query, CancellationToken cancellationToken)
    {
        var window = new PriorityQueue<LogDocument, LogDocument>(LogOrder.Instance);
        foreach (var document in File.Read(query, Start, End, cancellationToken))
        {
            window.Enqueue(document, document);
            if (window.Count > Window)
                yield return window.Dequeue();
        }

        while (window.TryDequeue(out var document, out _))
            yield return document;
    }
}
